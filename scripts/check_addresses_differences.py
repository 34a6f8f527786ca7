"""Where the registry and a library are known to differ, who is right, and why. Anything else that differs fails scripts/check-addresses."""
import dataclasses
import re

from bip_utils import Base58Decoder

BIP_UTILS, MULTICOIN = "bip_utils", "multicoin"
EITHER = (BIP_UTILS, MULTICOIN)
# What the registry does where the library does the opposite; `SPELLS`: both accept, with other canonical texts.
ACCEPTS, REFUSES, SPELLS = "accepts", "refuses", "spells"
REGISTRY, LIBRARY, BOTH = "registry", "library", "both"


def is_key32(text):
    return len(Base58Decoder.Decode(text)) == 32


@dataclasses.dataclass(frozen=True)
class Difference:
    """Texts of one kind on some networks that the registry and a library do not take alike."""

    networks: tuple
    libraries: tuple
    registry: str
    texts: str
    right: str
    why: str
    further: object = None

    def explains(self, library, network, text, kind):
        return (network in self.networks and library in self.libraries and kind == self.registry
                and re.fullmatch(self.texts, text) is not None and (self.further is None or self.further(text)))

    def __str__(self):
        who = {REGISTRY: "the registry is right", LIBRARY: "the library is right", BOTH: "both may"}[self.right]
        networks = ", ".join(self.networks)
        return f"{networks}: {self.registry} /{self.texts}/, {' and '.join(self.libraries)} does otherwise; {who}: {self.why}"


LTC, NMC = "bip122:12a765e31ffd4059bada1e25190f6e98", "bip122:000000000062b72c5e2ceb45fbc8587e"
DGB, BTG, QTUM = "bip122:7497ea1b465eb39f1c8f507bc877078f", "slip44:156", "bip122:000075aef83cf2853580f8ae8ce6f8c3"
PPC, DCR, ZEC = "bip122:0000000032fe677166d54963b62a4677", "bip122:298e5cc3d985bfe7f81dc135f360abe0", "bip122:00040fe8ec8471911baa1db1266ea15d"
BCH, XEC = "bip122:000000000000000000651ef99cb9fcbe", "slip44:899"
FIRO, ZEN = "bip122:4381deb85b1b2c9843c222944b616d99", "bip122:0007104ccda289427919efc39dc9e4d4"
BECH32 = "[02-9ac-hj-np-z]+"

DIFFERENCES = [
    # Forms that a library does not read.
    Difference((LTC,), EITHER, ACCEPTS, f"(?i:ltcmweb1{BECH32})", REGISTRY,
               "addresses of the extension blocks (LIP-0003, litecoin/src/mweb) are younger than both libraries"),
    Difference((LTC, DGB), (MULTICOIN,), ACCEPTS, "3[1-9A-HJ-NP-Za-km-z]{33}", REGISTRY,
               "the first script addresses had version 5 like Bitcoin's and are still paid to (SCRIPT_ADDRESS beside "
               "SCRIPT_ADDRESS2 in the node's chainparams.cpp)"),
    Difference((NMC,), EITHER, ACCEPTS, "3[1-9A-HJ-NP-Za-km-z]{33}", BOTH,
               "version 5 stands in wallets' tables (trustwallet/wallet-core registry.json); namecoin's chainparams.cpp has 13 for scripts"),
    Difference((NMC,), (MULTICOIN,), ACCEPTS, "6[1-9A-HJ-NP-Za-km-z]{33}", REGISTRY,
               "script addresses have version 13 (namecoin-core chainparams.cpp); the package knows version 52 only"),
    Difference((NMC, BTG, QTUM, PPC), (MULTICOIN,), ACCEPTS, f"(?i:(nc|btg|qc|pc)1{BECH32})", REGISTRY,
               "the chain has segwit (bech32_hrp in its chainparams.cpp); the package has no prefix for it"),
    Difference((DCR,), (MULTICOIN,), ACCEPTS, "D[eS][1-9A-HJ-NP-Za-km-z]{33}", REGISTRY,
               "keys of Ed25519 and Schnorr signatures (PKHEdwardsAddrID 071f, PKHSchnorrAddrID 0701 in dcrd chaincfg/mainnetparams.go)"),
    Difference((ZEC,), EITHER, ACCEPTS, f"(?i:(tex|zs|u)1{BECH32})", REGISTRY,
               "shielded, unified and source-restricted addresses (ZIP-32, ZIP-316, ZIP-320); the libraries read t1 and t3 only"),
    Difference((BCH,), EITHER, ACCEPTS, f"(?i:bitcoincash:[prz]{BECH32})", REGISTRY,
               "32-byte script hashes (CHIP-2022-05 P2SH32) and token-aware types (CHIP-2022-02 CashTokens: z and r) are younger",
               lambda text: len(text) > 54 or text.lower()[12] in "zr"),
    Difference((XEC,), (BIP_UTILS,), ACCEPTS, f"(?i:etoken:[qp]{BECH32})", REGISTRY,
               "the prefix of token wallets, with the same key hash (Bitcoin ABC's Cashtab)"),
    Difference((FIRO,), (BIP_UTILS,), ACCEPTS, "EX[1-9A-HJ-NP-Za-km-z]{34}", REGISTRY,
               "exchange addresses contain the same key hash (EXCHANGE_PUBKEY_ADDRESS in firo's chainparams.cpp)"),
    Difference((ZEN,), EITHER, ACCEPTS, "t[13][1-9A-HJ-NP-Za-km-z]{33}", REGISTRY,
               "versions from before the chain left Zclassic are still decoded (PUBKEY_ADDRESS_OLD, SCRIPT_ADDRESS_OLD in zend's chainparams.cpp)"),
    Difference(("cip34:1-764824073",), (BIP_UTILS,), ACCEPTS, f"(?i:addr1{BECH32})", REGISTRY,
               "the library reads base addresses of two key hashes only; pointer, enterprise and script types are CIP-19's too",
               lambda text: text.lower()[5] not in "q"),
    Difference(("ergo:b0244dfc267baca974a4caee06120321",), (BIP_UTILS,), ACCEPTS, "[1-9A-HJ-NP-Za-km-z]+", REGISTRY,
               "the library reads P2PK only; P2SH and P2S are Ergo's other types (Ergo docs, address types 2 and 3)",
               lambda text: Base58Decoder.Decode(text)[0] in (2, 3)),
    Difference(("fil:f",), (BIP_UTILS,), ACCEPTS, "f(0[0-9]+|[23][a-z2-7]+|4[0-9]+f[a-z2-7]+)", REGISTRY,
               "the library reads f1 only; f0, f2, f3 and f4 are the other protocols (Filecoin spec, Address; FIP-0048)"),
    Difference(("fil:f",), (BIP_UTILS,), ACCEPTS, "0x[0-9a-fA-F]{40}", REGISTRY,
               "wallets write an f410 address as the EVM account that it contains (FIP-0055)"),
    Difference(("near:mainnet",), (BIP_UTILS,), ACCEPTS, "[0-9a-z._-]{2,64}", REGISTRY,
               "the library reads implicit accounts whose key is a point only; named and Ethereum-like accounts are NEAR's too "
               "(NEP, Account ID rules; NEP-518)"),
    Difference(("slip44:313",), (BIP_UTILS,), ACCEPTS, "0x[0-9a-fA-F]{40}", REGISTRY,
               "the older hex form, asked for by its network (ZIP-1; Zilliqa docs, toChecksumAddress)"),
    Difference(("slip44:74",), (BIP_UTILS,), ACCEPTS, "cx[0-9a-f]{40}", REGISTRY, "contracts have cx (ICON docs, IRC-2 and SCORE addresses)"),
    Difference(("stellar:pubnet",), EITHER, ACCEPTS, "[CM][A-Z2-7]{55,68}", REGISTRY,
               "contracts and muxed accounts (SEP-23); the libraries read G only"),
    Difference(("tezos:NetXdQprcVkpaWU",), (BIP_UTILS,), ACCEPTS, "(tz4|KT1)[1-9A-HJ-NP-Za-km-z]{33}", REGISTRY,
               "BLS keys and contracts (octez base58.ml: tz4 06a1a6, KT1 025a79)"),
    Difference(("tron:0x2b6653dc",), EITHER, ACCEPTS, "41[0-9a-fA-F]{40}", REGISTRY,
               "the node's hex form, asked for by its network (TRON docs, account address format)"),
    Difference(("xrpl:0",), EITHER, ACCEPTS, "X[1-9A-HJ-NP-Za-km-z]{46}", REGISTRY, "X-addresses (XLS-5d); the libraries read classic ones only"),
    Difference(("hedera:mainnet",), (MULTICOIN,), ACCEPTS, "0x[0-9a-fA-F]{40}", REGISTRY, "aliases of 20 bytes (HIP-583)"),
    Difference(("aptos:1",), (MULTICOIN,), ACCEPTS, "0x[0-9a-fA-F]{1,63}", BOTH,
               "leading zeros may be missing in older texts (AIP-40 asks for all 64 digits, its parsers take fewer); bip_utils agrees"),
    # Keys that are no point of the curve.
    Difference(("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",), (BIP_UTILS,), ACCEPTS, "[1-9A-HJ-NP-Za-km-z]{32,44}", REGISTRY,
               "accounts of programs are off the curve on purpose (Solana docs, program derived addresses)", is_key32),
    # Rules that a library does not have.
    Difference(("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",), (MULTICOIN,), REFUSES, "[1-9A-HJ-NP-Za-km-z]{43,44}", REGISTRY,
               "the package looks at letters and length only; a public key has 32 bytes", lambda text: not is_key32(text)),
    Difference(("antelope:aca376f206b8fc25a6ed44dbdc66547c", "antelope:1064487b3cd1a897ce03ae5b6a865651"), (MULTICOIN,), ACCEPTS, "[a-z1-5.]{1,11}|[a-z1-5.]{12}[a-j1-5]", REGISTRY,
               "names have 1 to 13 characters (Antelope docs, account names); the package wants 12"),
    Difference(("hedera:mainnet",), (MULTICOIN,), REFUSES, r"[0-9.]+", REGISTRY,
               "leading zeros would give one account many spellings (HIP-15: no leading zeros)"),
    Difference((BCH, "slip44:236"), (MULTICOIN,), REFUSES, "(bitcoincash:)?[a-z0-9]{42}", REGISTRY,
               "the package refuses only what satisfies BECH32's checksum and so takes every text of the shape (bch_validator.js); "
               "bip_utils refuses these too"),
    Difference(("tezos:NetXdQprcVkpaWU",), (MULTICOIN,), REFUSES, "[1-9A-HJ-NP-Za-km-z]+", REGISTRY,
               "the package checks the double hash and looks at neither prefix nor length, so it takes every chain's base58check"),
    Difference(("polkadot:91b171bb158e2d3848fa23a9f1c25182",), (MULTICOIN,), REFUSES, "[1-9A-HJ-NP-Za-km-z]{47,48}", REGISTRY,
               "the package does not look at the network's number (0 for Polkadot, SS58 registry)"),
    Difference((PPC,), (BIP_UTILS,), REFUSES, f"pc1[zrp]{BECH32}", BOTH,
               "read as any witness version by BIP-350; the registry reads version 0 only on Peercoin and leaves these to Pactus"),
    Difference(("fil:f",), (BIP_UTILS,), REFUSES, "f1[a-zA-Z2-7]+", REGISTRY, "addresses are in lower case (Filecoin spec, Address: base32 lower)"),
    Difference(("near:mainnet",), (BIP_UTILS,), REFUSES, "[0-9a-fA-F]{64}", REGISTRY, "account ids have no upper case (NEP, Account ID rules)"),
    Difference(("slip44:74",), (BIP_UTILS,), REFUSES, "hx[0-9a-fA-F]{40}", REGISTRY, "the node takes lower case only (ICON JSON-RPC API v3, T_ADDR_EOA)"),
    Difference(("tvm:-239", "tvm:42"), (BIP_UTILS,), REFUSES, "[^ ]+ ", REGISTRY, "Python's hex and base64 readers skip blanks"),
    # Case.
    Difference((BCH,), (MULTICOIN,), ACCEPTS, "BITCOINCASH:[QP][02-9AC-HJ-NP-Z]+", REGISTRY,
               "upper case is allowed (CashAddr specification, case); bip_utils agrees on 20-byte hashes"),
    Difference(("slip44:1991",), (MULTICOIN,), ACCEPTS, "[0-9A-F]{76}", REGISTRY, "the node decodes hex of any case (Sia types/unlockhash.go, hex.DecodeString)"),
    Difference(("slip44:242",), (BIP_UTILS,), ACCEPTS, "[0-9a-zA-Z ]+", REGISTRY, "the case of an IBAN-like text does not matter (Nimiq Address.fromUserFriendlyAddress)"),
    Difference(("slip44:111111",), (BIP_UTILS,), REFUSES, "KASPA:[02-9AC-HJ-NP-Z]+", REGISTRY,
               "the node's reader has neither prefix nor letters in upper case (rusty-kaspa crypto/addresses)"),
    Difference(("avax:imji8papUf2EhV3le337w1vgFauqkJg-", "avax:Rr9hnPVPxuUvrdCul-vjEsU1zmqKqRDo"), (BIP_UTILS,), REFUSES,
               "[XP]-AVAX1[02-9AC-HJ-NP-Z]+", LIBRARY,
               "BIP-173 allows upper case and avalanchego decodes it; the registry asks for lower case, as every wallet writes it, and says so"),
    # Spellings.
    Difference((BCH, XEC), (BIP_UTILS,), SPELLS, "[13][1-9A-HJ-NP-Za-km-z]{25,34}", REGISTRY,
               "the legacy form of an account is kept under its CashAddr form, so that both find it"),
    Difference(("slip44:242",), (BIP_UTILS,), SPELLS, "NQ[0-9A-Z ]+", REGISTRY, "one spelling, without the blanks of the groups"),
]
