"""What two libraries that know nothing of this project make of an address: bip_utils (PyPI) and multicoin-address-validator (npm).

BIP_UTILS maps a network to a reader: text → canonical text, `True` where the library has no canonical form, or `None` where
it refuses. Coins that bip_utils knows are read with its own constants; the others with its decoders and the constants written
here, from the source in the line. MULTICOIN maps a network to the npm package's name of its currency.
"""
import base64
import json
import subprocess

from bip_utils import (
    AdaByronAddrDecoder, AdaByronAddrTypes, AdaShelleyAddrDecoder, AlgoAddrDecoder, AptosAddrDecoder, AtomAddrDecoder,
    AvaxPChainAddrDecoder, AvaxXChainAddrDecoder, Base58Decoder, Base58Encoder, Base58XmrDecoder, BchBech32Decoder,
    BchBech32Encoder, Bech32Decoder, Bech32Encoder, EgldAddrDecoder, ErgoP2PKHAddrDecoder, EthAddrDecoder,
    FilSecp256k1AddrDecoder, IcxAddrDecoder, NanoAddrDecoder, NearAddrDecoder, NeoLegacyAddrDecoder, NeoN3AddrDecoder,
    NimAddrDecoder, OneAddrDecoder, P2PKHAddrDecoder, SegwitBech32Decoder, SegwitBech32Encoder, SolAddrDecoder, SS58Decoder,
    SS58Encoder, SuiAddrDecoder, TrxAddrDecoder, XlmAddrDecoder, XmrAddrDecoder, XmrIntegratedAddrDecoder, XrpAddrDecoder,
    XtzAddrDecoder, XtzAddrPrefixes, ZilAddrDecoder,
)
from bip_utils.addr.eth_addr import _EthAddrUtils
from bip_utils.coin_conf import CoinsConf
from pytoniq_core import Address as TonAddress


def decoder(decode, canonical=lambda text, body: text, **arguments):
    """A reader made of one of the library's decoders."""
    def read(text):
        try:
            body = decode(text, **arguments)
        except (NameError, AttributeError, ImportError, KeyError):
            raise  # a defect of this script, not a decoder's way to say no
        except Exception:  # noqa: BLE001 each decoder has its own
            return None
        return canonical(text, body)
    return read


def either(*readers):
    return lambda text: next((found for found in (reader(text) for reader in readers) if found is not None), None)


# --- families of coins ------------------------------------------------------------------------------------------------


def evm(text):
    digits = text[2:]
    uniform = digits in (digits.lower(), digits.upper())
    try:
        EthAddrDecoder.DecodeAddr(text, skip_chksum_enc=uniform)
    except ValueError:
        return None
    return "0x" + _EthAddrUtils.ChecksumEncode(digits.lower())


def base58check(*versions):
    return either(*(decoder(P2PKHAddrDecoder.DecodeAddr, net_ver=bytes.fromhex(version)) for version in versions))


def segwit(hrp):
    return decoder(lambda text: SegwitBech32Decoder.Decode(hrp, text), lambda _, body: SegwitBech32Encoder.Encode(hrp, *body))


def bitcoin_like(*versions, hrp=None):
    return either(base58check(*versions), *([segwit(hrp)] if hrp else []))


def of_coin(conf, *names):
    """The version bytes that bip_utils itself has of a coin."""
    return [conf.ParamByKey(name).hex() for name in names]


def cashaddr(conf):
    hrp = conf.ParamByKey("p2pkh_std_hrp")
    kinds = {conf.ParamByKey(name) for name in ("p2pkh_std_net_ver", "p2sh_std_net_ver")}

    def decode(text):
        version, body = BchBech32Decoder.Decode(hrp, text if ":" in text else hrp_like(text) + text)
        if version not in kinds or len(body) != 20:
            raise ValueError("another kind")
        return version, body

    def hrp_like(text):
        return f"{hrp.upper() if text == text.upper() else hrp}:"

    legacy = base58check(*of_coin(conf, "p2pkh_legacy_net_ver", "p2sh_legacy_net_ver"))
    return either(decoder(decode, lambda _, body: BchBech32Encoder.Encode(hrp, *body)), legacy)


def cosmos(hrp):
    return decoder(AtomAddrDecoder.DecodeAddr, lambda _, body: Bech32Encoder.Encode(hrp, body), hrp=hrp)


def bech32(hrp, *lengths):
    def decode(text):
        body = Bech32Decoder.Decode(hrp, text)
        if len(body) not in lengths:
            raise ValueError("another length")
        return body
    return decoder(decode, lambda _, body: Bech32Encoder.Encode(hrp, body))


def base58check_body(prefix, version, length):
    """A reader of base58check with a text prefix, of bodies of one length."""
    def decode(text):
        if not text.startswith(prefix):
            raise ValueError("another prefix")
        body = Base58Decoder.CheckDecode(text[len(prefix):])
        if not body.startswith(bytes.fromhex(version)) or len(body) != length:
            raise ValueError("another kind")
        return body
    return decoder(decode, lambda _, body: prefix + Base58Encoder.CheckEncode(body))


def kaspa(text):
    def decode(text):
        version, body = BchBech32Decoder.Decode("kaspa", text)
        if len(body) != {b"\x00": 32, b"\x01": 33, b"\x08": 32}.get(version):
            raise ValueError("another kind")
        return version, body
    return decoder(decode, lambda _, body: BchBech32Encoder.Encode("kaspa", *body))(text)


def pactus(text):
    """Bech32m with a type from 1 to 3 where segwit has its version."""
    def decode(text):
        kind, body = SegwitBech32Decoder.Decode("pc", text)
        if kind not in (1, 2, 3) or len(body) != 20:
            raise ValueError("another kind")
        return kind, body
    return decoder(decode, lambda _, body: SegwitBech32Encoder.Encode("pc", *body))(text)


def ss58(number):
    def decode(text):
        found, body = SS58Decoder.Decode(text)
        if found != number:
            raise ValueError("another network")
        return body
    return decoder(decode, lambda _, body: SS58Encoder.Encode(body, number))


# --- single networks --------------------------------------------------------------------------------------------------


def monero_integrated(text):
    conf = CoinsConf.MoneroMainNet
    return decoder(lambda text: XmrIntegratedAddrDecoder.DecodeAddr(
        text, net_ver=conf.ParamByKey("addr_int_net_ver"), payment_id=Base58XmrDecoder.Decode(text)[65:73]),
        lambda text, body: monero_standard(body))(text)


def monero_standard(keys):
    """The standard address of an integrated one: the same keys without the payment id."""
    from Crypto.Hash import keccak
    from bip_utils import Base58XmrEncoder
    body = CoinsConf.MoneroMainNet.ParamByKey("addr_net_ver") + keys
    return Base58XmrEncoder.Encode(body + keccak.new(digest_bits=256, data=body).digest()[:4])


def ton(text):
    def decode(text):
        if ":" not in text:
            raw = base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_"))
            if len(raw) != 36:
                raise ValueError("another length")
        address = TonAddress(text.replace("+", "-").replace("/", "_"))
        if len(address.hash_part) != 32 or address.is_test_only:
            raise ValueError("no account of the main network")
        return address
    return decoder(decode, lambda _, address: f"{address.wc}:{address.hash_part.hex()}")(text)


def monero(*names):
    return either(*(decoder(XmrAddrDecoder.DecodeAddr, net_ver=CoinsConf.MoneroMainNet.ParamByKey(name)) for name in names))


def hex_body(prefix):
    return lambda _, body: prefix + body.hex()


BTC, BTC_TEST, LTC, DGB = CoinsConf.BitcoinMainNet, CoinsConf.BitcoinTestNet, CoinsConf.LitecoinMainNet, CoinsConf.DigibyteMainNet
DOGE, DASH, ZEC, XVG = CoinsConf.DogecoinMainNet, CoinsConf.DashMainNet, CoinsConf.ZcashMainNet, CoinsConf.Verge
P2 = ("p2pkh_net_ver", "p2sh_net_ver")

BIP_UTILS = {
    # Constants of the library.
    "bip122:000000000019d6689c085ae165831e93": bitcoin_like(*of_coin(BTC, *P2), hrp=BTC.ParamByKey("p2wpkh_hrp")),
    "bip122:000000000933ea01ad0ee984209779ba": bitcoin_like(*of_coin(BTC_TEST, *P2), hrp=BTC_TEST.ParamByKey("p2wpkh_hrp")),
    "bip122:12a765e31ffd4059bada1e25190f6e98": bitcoin_like(
        *of_coin(LTC, "p2pkh_std_net_ver", "p2sh_std_net_ver", "p2sh_depr_net_ver"), hrp=LTC.ParamByKey("p2wpkh_hrp")),
    "bip122:1a91e3dace36e2be3bf030a65679fe82": base58check(*of_coin(DOGE, *P2)),
    "bip122:00000ffd590b1485b3caadc19b22e637": base58check(*of_coin(DASH, *P2)),
    "bip122:00040fe8ec8471911baa1db1266ea15d": base58check(*of_coin(ZEC, *P2)),
    "slip44:236": base58check(*of_coin(CoinsConf.BitcoinSvMainNet, *P2)),
    "bip122:000000000000000000651ef99cb9fcbe": cashaddr(CoinsConf.BitcoinCashMainNet),
    "slip44:899": cashaddr(CoinsConf.EcashMainNet),
    "tron:0x2b6653dc": decoder(TrxAddrDecoder.DecodeAddr),
    "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp": decoder(SolAddrDecoder.DecodeAddr),
    "xrpl:0": decoder(XrpAddrDecoder.DecodeAddr),
    "stellar:pubnet": decoder(XlmAddrDecoder.DecodeAddr),
    "slip44:2017": decoder(XlmAddrDecoder.DecodeAddr),
    "tezos:NetXdQprcVkpaWU": either(*(decoder(XtzAddrDecoder.DecodeAddr, prefix=prefix) for prefix in XtzAddrPrefixes)),
    "cip34:1-764824073": either(
        decoder(AdaShelleyAddrDecoder.DecodeAddr, lambda text, _: text.lower()),
        *(decoder(AdaByronAddrDecoder.DecodeAddr, addr_type=kind) for kind in AdaByronAddrTypes)),
    "polkadot:91b171bb158e2d3848fa23a9f1c25182": ss58(CoinsConf.Polkadot.ParamByKey("addr_ss58_format")),
    "polkadot:b0a8d493285c2df73290dfb7e61f870f": ss58(CoinsConf.Kusama.ParamByKey("addr_ss58_format")),
    "polkadot:fc41b9bd8ef8fe53d58c7ea67c794c7e": ss58(CoinsConf.Acala.ParamByKey("addr_ss58_format")),
    "polkadot:9eb76c5184c4ab8679d2d5d819fdf90b": ss58(CoinsConf.Plasm.ParamByKey("addr_ss58_format")),
    "slip44:1005": ss58(CoinsConf.GenericSubstrate.ParamByKey("addr_ss58_format")),
    "algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k": decoder(AlgoAddrDecoder.DecodeAddr),
    "aptos:1": decoder(AptosAddrDecoder.DecodeAddr, hex_body("0x")),
    "sui:mainnet": decoder(SuiAddrDecoder.DecodeAddr, hex_body("0x")),
    "near:mainnet": decoder(NearAddrDecoder.DecodeAddr),
    "tvm:-239": ton,
    "tvm:42": ton,
    "monero:418015bb9ae982a1975da7d79277c270": either(monero("addr_net_ver", "subaddr_net_ver"), monero_integrated),
    "slip44:165": decoder(NanoAddrDecoder.DecodeAddr),
    "fil:f": decoder(FilSecp256k1AddrDecoder.DecodeAddr),
    "slip44:888": decoder(NeoLegacyAddrDecoder.DecodeAddr, ver=CoinsConf.NeoLegacy.ParamByKey("addr_ver")),
    "slip44:888-n3": decoder(NeoN3AddrDecoder.DecodeAddr, ver=CoinsConf.NeoN3.ParamByKey("addr_ver")),
    "slip44:1024": decoder(NeoLegacyAddrDecoder.DecodeAddr, ver=CoinsConf.Ontology.ParamByKey("addr_ver")),
    "slip44:74": decoder(IcxAddrDecoder.DecodeAddr, hex_body("hx")),
    "slip44:313": decoder(ZilAddrDecoder.DecodeAddr, lambda _, body: Bech32Encoder.Encode("zil", body)),
    "slip44:1023": decoder(OneAddrDecoder.DecodeAddr, lambda text, _: text.lower()),
    "mvx:1": decoder(EgldAddrDecoder.DecodeAddr, lambda text, _: text.lower()),
    "slip44:242": decoder(NimAddrDecoder.DecodeAddr),
    "ergo:b0244dfc267baca974a4caee06120321": decoder(ErgoP2PKHAddrDecoder.DecodeAddr),
    "avax:imji8papUf2EhV3le337w1vgFauqkJg-": decoder(AvaxXChainAddrDecoder.DecodeAddr),
    "avax:Rr9hnPVPxuUvrdCul-vjEsU1zmqKqRDo": decoder(AvaxPChainAddrDecoder.DecodeAddr),
    "vechain:b1ac3413d346d43539627e6be7ec1b4a": evm,
    "slip44:500": evm,
    **{network: cosmos(conf.ParamByKey("addr_hrp")) for network, conf in {
        "cosmos:cosmoshub-4": CoinsConf.Cosmos, "cosmos:osmosis-1": CoinsConf.Osmosis, "cosmos:celestia": CoinsConf.Celestia,
        "cosmos:dydx-mainnet-1": CoinsConf.DYDX, "cosmos:injective-1": CoinsConf.Injective, "cosmos:secret-4": CoinsConf.SecretNetwork,
        "cosmos:hashed-6d4e837e169119f0": CoinsConf.Kava, "cosmos:phoenix-1": CoinsConf.Terra, "cosmos:columbus-5": CoinsConf.Terra,
        "cosmos:axelar-dojo-1": CoinsConf.Axelar, "cosmos:akashnet-2": CoinsConf.AkashNetwork, "cosmos:neutron-1": CoinsConf.Neutron,
        "cosmos:fetchhub-4": CoinsConf.FetchAi, "cosmos:laozi-mainnet": CoinsConf.BandProtocol,
        "cosmos:Binance-Chain-Tigris": CoinsConf.BinanceChain}.items()},
    # Version bytes and prefixes of the chain's own node software (chainparams.cpp, or the like), read with bip_utils.
    "bip122:7497ea1b465eb39f1c8f507bc877078f": bitcoin_like("1e", "3f", "05", hrp="dgb"),
    "slip44:77": bitcoin_like("1e", "21", hrp="vg"),
    "slip44:156": bitcoin_like("26", "17", hrp="btg"),
    "slip44:999": bitcoin_like("00", "05", hrp="bcd"),
    "bip122:4e9b54001f9976049830128ec0331515": bitcoin_like("47", "21", hrp="via"),
    "bip122:ff9f1c0116d19de7c9963845e129f9ed": bitcoin_like("32", "37", "05", hrp="mona"),
    "bip122:4d96a915f49d40b1e5c2844d1ee2dccb": bitcoin_like("47", "05", hrp="vtc"),
    "bip122:0000022642db0346b6e01c2a397471f4": bitcoin_like("3f", "05", hrp="sys"),
    "bip122:0000006b444bc2f2ffe627be9d9e7e7a": base58check("3c", "7a"),
    "bip122:027e3758c3a65b12aa1046462b486d0a": base58check("3c", "55"),
    "bip122:000075aef83cf2853580f8ae8ce6f8c3": bitcoin_like("3a", "32", hrp="qc"),
    "bip122:4381deb85b1b2c9843c222944b616d99": base58check("52", "07"),
    "bip122:0000041e482b9b9691d98eefb4847340": base58check("1e", "0d"),
    "slip44:146": base58check("35", "70"),
    "slip44:105105": bitcoin_like("4b", "8c", hrp="strax"),
    "bip122:000000000062b72c5e2ceb45fbc8587e": bitcoin_like("34", "0d", hrp="nc"),
    "bip122:0000000032fe677166d54963b62a4677": bitcoin_like("37", "75", hrp="pc"),
    "slip44:19167": base58check("1cb8", "1cbd"),
    "slip44:147": base58check("1cb8", "1cbd"),
    "bip122:0007104ccda289427919efc39dc9e4d4": base58check("2089", "2096"),
    "slip44:595": ss58(12),  # substrate ss58-registry
    "slip44:111111": kaspa,  # rusty-kaspa crypto/addresses
    "slip44:21888": pactus,  # pactus crypto/address.go
    "slip44:457": base58check_body("ak_", "", 32),  # aeternity api encoder
    "mina:mainnet": base58check_body("", "cb0101", 36),  # mina lib/base58_check/version_bytes.ml
    "slip44:304": bech32("io", 20),
    "slip44:474": bech32("oasis", 21),
    **{network: cosmos(hrp) for network, hrp in {  # bech32_prefix of the cosmos chain-registry
        "cosmos:pacific-1": "sei", "cosmos:thorchain-1": "thor", "cosmos:juno-1": "juno", "cosmos:stride-1": "stride",
        "cosmos:noble-1": "noble", "cosmos:stargaze-1": "stars", "cosmos:core-1": "persistence",
        "cosmos:crypto-org-chain-mainnet-1": "cro", "cosmos:kaiyo-1": "kujira", "cosmos:agoric-3": "agoric",
        "cosmos:coreum-mainnet-1": "core", "cosmos:hashed-95094315a9d6cf2a": "evmos", "cosmos:hashed-2e66b66defb522be": "zeta",
        "cosmos:hashed-fcb464463c487f99": "canto", "cosmos:umee-1": "umee", "cosmos:sommelier-3": "somm",
        "cosmos:mars-1": "mars", "cosmos:comdex-1": "comdex", "cosmos:bluzelle-9": "bluzelle", "cosmos:crescent-1": "cre",
        "cosmos:quasar-1": "quasar"}.items()},
}

# Networks of the EVM kind whose own rules no oracle knows: Rootstock hashes its chain id into the checksum (EIP-1191), Wanchain
# inverts EIP-55's letters.
EVM_WITH_OWN_RULES = {"eip155:30", "eip155:888"}

MULTICOIN = {
    "bip122:000000000019d6689c085ae165831e93": "btc", "bip122:12a765e31ffd4059bada1e25190f6e98": "ltc",
    "bip122:1a91e3dace36e2be3bf030a65679fe82": "doge", "bip122:000000000000000000651ef99cb9fcbe": "bch",
    "slip44:236": "bsv", "slip44:156": "btg", "bip122:00000ffd590b1485b3caadc19b22e637": "dash",
    "bip122:7497ea1b465eb39f1c8f507bc877078f": "dgb", "bip122:4d96a915f49d40b1e5c2844d1ee2dccb": "vtc",
    "bip122:027e3758c3a65b12aa1046462b486d0a": "kmd", "bip122:000075aef83cf2853580f8ae8ce6f8c3": "qtum",
    "bip122:0000041e482b9b9691d98eefb4847340": "pivx", "bip122:000000000062b72c5e2ceb45fbc8587e": "nmc",
    "bip122:0000000032fe677166d54963b62a4677": "ppc", "bip122:298e5cc3d985bfe7f81dc135f360abe0": "dcr",
    "bip122:00040fe8ec8471911baa1db1266ea15d": "zec", "bip122:0007104ccda289427919efc39dc9e4d4": "zen",
    "slip44:147": "zcl", "vechain:b1ac3413d346d43539627e6be7ec1b4a": "vet", "xrpl:0": "xrp", "stellar:pubnet": "xlm",
    "tezos:NetXdQprcVkpaWU": "xtz", "cip34:1-764824073": "ada", "polkadot:91b171bb158e2d3848fa23a9f1c25182": "dot",
    "algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k": "algo", "aptos:1": "apt", "hedera:mainnet": "hbar",
    "monero:418015bb9ae982a1975da7d79277c270": "xmr", "slip44:165": "nano", "waves:087": "waves", "slip44:888": "neo",
    "antelope:aca376f206b8fc25a6ed44dbdc66547c": "eos", "antelope:1064487b3cd1a897ce03ae5b6a865651": "eos", "slip44:43": "xem", "slip44:1991": "sc", "tron:0x2b6653dc": "trx",
    "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp": "sol", "cosmos:crypto-org-chain-mainnet-1": "cro",
}
MULTICOIN_EVM = {"eip155:61": "etc", "eip155:137": "matic", "eip155:42161": "arb", "eip155:10": "op", "eip155:43114": "avax",
                 "eip155:146": "s", "eip155:42220": "celo", "eip155:80094": "bera", "eip155:1514": "ip", "eip155:14": "flr",
                 "eip155:10001": "ethw", "eip155:820": "clo"}


def bip_utils_of(network):
    if network.startswith("eip155:"):
        return None if network in EVM_WITH_OWN_RULES else evm
    return BIP_UTILS.get(network)


def multicoin_of(network):
    """The npm package's currency of a network; every EVM network without a currency of its own is asked about as Ethereum."""
    if network.startswith("eip155:"):
        return None if network in EVM_WITH_OWN_RULES else MULTICOIN_EVM.get(network, "eth")
    return MULTICOIN.get(network)


def ask_bip_utils(questions):
    """Verdicts in order: `False` where not covered, else what the reader says."""
    for network, text in questions:
        reader = bip_utils_of(network)
        yield False if reader is None else reader(text)


def ask_multicoin(questions, script, folder):
    """Verdicts in order: `False` where not covered, `True` where accepted, `None` where refused."""
    asked = [(multicoin_of(network), text) for network, text in questions]
    lines = "".join(json.dumps(pair) + "\n" for pair in asked if pair[0])
    done = subprocess.run(["node", script, folder], input=lines, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"node ended with {done.returncode}: {done.stderr}")
    answers = iter(done.stdout.split())
    for currency, _ in asked:
        yield False if currency is None else (True if next(answers) == "true" else None)
