#!/usr/bin/env python3
"""Writes docs/examples/proofs/*.json: one signed challenge a scheme, by implementations other than this project's.

The keys are public and worthless. Needs: eth-account, tronpy, PyNaCl, xrpl-py, stellar-sdk, py-algorand-sdk, pycardano,
cbor2<6, tonsdk, pytezos, coincurve, base58, bech32 (from pip, in a virtual environment). Run from the project's root.
"""

import base64
import hashlib
import json
import pathlib
import struct
import sys

FOLDER = pathlib.Path("docs/examples/proofs")
ISSUED, EXPIRES, SECONDS = "2026-06-01T12:00:00Z", "2026-06-01T12:15:00Z", 1780315200
REGISTRY, VASP, NONCE = "registry.example.org", "vasp_01jx00000000000000000000aa", bytes(range(16)).hex()
PURPOSE = (
    "By signing this text the holder of the key states that the VASP named above controls the address above. "
    "It is no transaction and moves nothing."
)


def challenge(network, address):
    return "\n".join([
        "VASP registry: proof of control of an address, version 1",
        f"Registry: {REGISTRY}", f"VASP: {VASP}", f"Network: {network}", f"Address: {address}", f"Nonce: {NONCE}",
        f"Issued: {ISSUED}", f"Expires: {EXPIRES}", PURPOSE,
    ])


def seed(name):
    return hashlib.sha256(f"vasp-registry example key {name}".encode()).digest()


def write(name, scheme, network, address, signature, **more):
    proof = dict(scheme=scheme, network=network, address=address, challenge=challenge(network, address), signature=signature, **more)
    (FOLDER / f"{name}.json").write_text(json.dumps(proof, indent=2) + "\n")
    print(name, address)


def sha256(data):
    return hashlib.sha256(data).digest()


def hash160(data):
    return hashlib.new("ripemd160", sha256(data)).digest()


def ethereum():
    from eth_account import Account
    from eth_account.messages import encode_defunct, encode_typed_data

    account = Account.from_key(seed("ethereum"))
    text = challenge("eip155:1", account.address)
    write("eip191", "eip191", "eip155:1", account.address, "0x" + account.sign_message(encode_defunct(text=text)).signature.hex().removeprefix("0x"))
    names = ["registry", "vasp", "network", "account", "nonce", "issued", "expires", "purpose"]
    kinds = {"account": "address", "nonce": "bytes16"}
    typed = {
        "types": {
            "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "version", "type": "string"}, {"name": "chainId", "type": "uint256"}],
            "OwnershipChallenge": [{"name": name, "type": kinds.get(name, "string")} for name in names],
        },
        "primaryType": "OwnershipChallenge",
        "domain": {"name": "VASP registry", "version": "1", "chainId": 8453},
        "message": {
            "registry": REGISTRY, "vasp": VASP, "network": "eip155:8453", "account": account.address, "nonce": "0x" + NONCE,
            "issued": ISSUED, "expires": EXPIRES, "purpose": PURPOSE,
        },
    }
    signed = account.sign_message(encode_typed_data(full_message=typed))
    write("eip712", "eip712", "eip155:8453", account.address, "0x" + signed.signature.hex().removeprefix("0x"))


def tron():
    from eth_hash.auto import keccak
    from tronpy.keys import PrivateKey

    key = PrivateKey(seed("tron"))
    address = key.public_key.to_base58check_address()
    text = challenge("tron:0x2b6653dc", address).encode()
    for name, digest in [
        ("tron_v2", keccak(b"\x19TRON Signed Message:\n" + str(len(text)).encode() + text)),
        ("tron_v1", keccak(b"\x19TRON Signed Message:\n32" + text)),
    ]:
        signature = bytearray.fromhex(key.sign_msg_hash(digest).hex())
        signature[64] = signature[64] % 27 + 27
        write(name, name, "tron:0x2b6653dc", address, "0x" + signature.hex())


def compact(length):
    return bytes([length]) if length < 0xFD else b"\xfd" + struct.pack("<H", length)


def message_signature(key, words, text, header):
    digest = sha256(sha256(words + compact(len(text)) + text))
    signature = key.sign_recoverable(digest, hasher=None)
    return base64.b64encode(bytes([header + signature[64]]) + signature[:64]).decode()


def bitcoin():
    import base58
    import bech32
    import coincurve

    key = coincurve.PrivateKey(seed("bitcoin"))
    point = key.public_key.format(True)
    wrapped = hash160(b"\x00\x14" + hash160(point))
    bitcoin, litecoin = "bip122:000000000019d6689c085ae165831e93", "bip122:12a765e31ffd4059bada1e25190f6e98"
    dogecoin, dash = "bip122:1a91e3dace36e2be3bf030a65679fe82", "bip122:00000ffd590b1485b3caadc19b22e637"
    words = b"\x18Bitcoin Signed Message:\n"

    def base(version, payload):
        return base58.b58encode_check(bytes([version]) + payload).decode()

    segwit = bech32.encode("bc", 0, hash160(point))
    for name, network, address, words, header in [
        ("bitcoin_uncompressed", bitcoin, base(0, hash160(key.public_key.format(False))), words, 27),
        ("bitcoin_plain", bitcoin, base(0, hash160(point)), words, 31),
        ("bitcoin_wrapped", bitcoin, base(5, wrapped), words, 35),
        ("bitcoin_segwit", bitcoin, segwit, words, 39),
        ("bitcoin_segwit_loose", bitcoin, segwit, words, 31),
        ("litecoin", litecoin, base(0x30, hash160(point)), b"\x19Litecoin Signed Message:\n", 31),
        ("litecoin_segwit", litecoin, bech32.encode("ltc", 0, hash160(point)), b"\x19Litecoin Signed Message:\n", 39),
        ("litecoin_wrapped_loose", litecoin, base(0x32, wrapped), b"\x19Litecoin Signed Message:\n", 31),
        ("dogecoin", dogecoin, base(0x1E, hash160(point)), b"\x19Dogecoin Signed Message:\n", 31),
        ("dash", dash, base(0x4C, hash160(point)), b"\x19DarkCoin Signed Message:\n", 31),
        ("bitcoin_cash", "bip122:000000000000000000651ef99cb9fcbe", cash_address(hash160(point)), words, 31),
    ]:
        text = challenge(network, address).encode()
        write(name, "bitcoin_message", network, address, message_signature(key, words, text, header))
    write("bip322", "bip322", bitcoin, segwit, "smp" + bip322(key, point, challenge(bitcoin, segwit).encode()))


def cash_address(payload):
    """Source: Bitcoin Cash, spec/cashaddr.md."""
    def polymod(values):
        c = 1
        for value in values:
            top = c >> 35
            c = ((c & 0x07FFFFFFFF) << 5) ^ value
            for bit, generator in enumerate([0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470]):
                if top >> bit & 1:
                    c ^= generator
        return c ^ 1

    import bech32

    data = bech32.convertbits(bytes([0]) + payload, 8, 5)
    prefix = [ord(c) & 31 for c in "bitcoincash"] + [0]
    checksum = polymod(prefix + data + [0] * 8)
    data += [checksum >> 5 * (7 - i) & 31 for i in range(8)]
    return "bitcoincash:" + "".join("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[value] for value in data)


def bip322(key, point, message):
    """Source: BIP-322, simple form for P2WPKH; sighash of BIP-143."""
    tag = sha256(b"BIP0322-signed-message")
    script = b"\x00\x14" + hash160(point)
    spend_input = b"\x00\x20" + sha256(tag + tag + message)
    to_spend = struct.pack("<i", 0) + b"\x01" + bytes(32) + b"\xff" * 4 + compact(len(spend_input)) + spend_input + bytes(4)
    to_spend += b"\x01" + bytes(8) + compact(len(script)) + script + bytes(4)
    outpoint = sha256(sha256(to_spend)) + bytes(4)
    code = b"\x19\x76\xa9\x14" + hash160(point) + b"\x88\xac"
    outputs = bytes(8) + b"\x01\x6a"
    preimage = struct.pack("<i", 0) + sha256(sha256(outpoint)) + sha256(sha256(bytes(4))) + outpoint + code + bytes(8) + bytes(4)
    preimage += sha256(sha256(outputs)) + bytes(4) + struct.pack("<I", 1)
    signature = key.sign(sha256(sha256(preimage)), hasher=None) + b"\x01"
    return base64.b64encode(b"\x02" + compact(len(signature)) + signature + compact(len(point)) + point).decode()


def solana():
    import base58
    from nacl.signing import SigningKey

    key = SigningKey(seed("solana"))
    point = bytes(key.verify_key)
    network, address = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", base58.b58encode(point).decode()
    text = challenge(network, address).encode()
    write("solana_message", "solana_message", network, address, base58.b58encode(key.sign(text).signature).decode())
    bare = b"\xffsolana offchain\x00\x01" + struct.pack("<H", len(text)) + text
    write("solana_offchain", "solana_offchain", network, address, base64.b64encode(key.sign(bare).signature).decode())
    full = b"\xffsolana offchain\x00" + bytes(32) + b"\x01\x01" + point + struct.pack("<H", len(text)) + text
    write("solana_offchain_ledger", "solana_offchain", network, address, base64.b64encode(key.sign(full).signature).decode())


def near():
    from nacl.signing import SigningKey

    key = SigningKey(seed("near"))
    network, address = "near:mainnet", bytes(key.verify_key).hex()
    text, nonce, callback = challenge(network, address).encode(), bytes(range(32)), b"https://registry.example.org/near"

    def borsh(value):
        return struct.pack("<I", len(value)) + value

    payload = struct.pack("<I", 2**31 + 413) + borsh(text) + nonce + borsh(REGISTRY.encode()) + b"\x01" + borsh(callback)
    item = dict(nonce=base64.b64encode(nonce).decode(), recipient=REGISTRY, callback_url=callback.decode())
    write("near_nep413", "near_nep413", network, address, base64.b64encode(key.sign(sha256(payload)).signature).decode(), near=item)


def stellar():
    from stellar_sdk import Keypair

    key = Keypair.from_raw_ed25519_seed(seed("stellar"))
    text = challenge("stellar:pubnet", key.public_key)
    write("stellar_sep53", "stellar_sep53", "stellar:pubnet", key.public_key, base64.b64encode(key.sign_message(text)).decode())


def algorand():
    from algosdk import account, util

    private = base64.b64encode(seed("algorand") + public_ed25519(seed("algorand"))).decode()
    network, address = "algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k", account.address_from_private_key(private)
    write("algorand_bytes", "algorand_bytes", network, address, util.sign_bytes(challenge(network, address).encode(), private))


def public_ed25519(secret):
    from nacl.signing import SigningKey

    return bytes(SigningKey(secret).verify_key)


def xrpl():
    from xrpl.core import keypairs
    from xrpl.constants import CryptoAlgorithm

    for name, algorithm in [("xrpl_secp256k1", CryptoAlgorithm.SECP256K1), ("xrpl_ed25519", CryptoAlgorithm.ED25519)]:
        public, private = keypairs.derive_keypair(keypairs.generate_seed(seed(name).hex()[:32], algorithm))
        address = keypairs.derive_classic_address(public)
        signature = keypairs.sign(challenge("xrpl:0", address).encode(), private)
        write(name, "xrpl_message", "xrpl:0", address, signature, public_key=public)


def cosmos():
    import bech32
    import coincurve
    from eth_hash.auto import keccak

    key = coincurve.PrivateKey(seed("cosmos"))
    point, full = key.public_key.format(True), key.public_key.format(False)
    for name, network, prefix, payload, digest in [
        ("cosmos_adr036", "cosmos:cosmoshub-4", "cosmos", hash160(point), sha256),
        ("cosmos_adr036_ethereum_key", "cosmos:injective-1", "inj", keccak(full[1:])[12:], keccak),
        ("cosmos_adr036_kava", "cosmos:hashed-6d4e837e169119f0", "kava", hash160(point), sha256),
        ("cosmos_adr036_kava_ethereum_key", "cosmos:hashed-6d4e837e169119f0", "kava", keccak(full[1:])[12:], keccak),
    ]:
        address = bech32.bech32_encode(prefix, bech32.convertbits(payload, 8, 5))
        data = base64.b64encode(challenge(network, address).encode()).decode()
        value = {"data": data, "signer": address}
        document = {
            "chain_id": "", "account_number": "0", "sequence": "0", "fee": {"gas": "0", "amount": []}, "memo": "",
            "msgs": [{"type": "sign/MsgSignData", "value": value}],
        }
        text = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
        signature = key.sign_recoverable(digest(text), hasher=None)[:64]
        public = base64.b64encode(point).decode()
        write(name, "cosmos_adr036", network, address, base64.b64encode(signature).decode(), public_key=public)


def cardano():
    from pycardano import Address, Network, PaymentSigningKey, PaymentVerificationKey, StakeSigningKey, StakeVerificationKey
    from pycardano.cip import cip8

    key, stake = PaymentSigningKey(seed("cardano")), StakeSigningKey(seed("cardano stake"))
    payment_part, stake_part = PaymentVerificationKey.from_signing_key(key), StakeVerificationKey.from_signing_key(stake)
    for name, part in [("cardano_cip8", stake_part.hash()), ("cardano_cip8_enterprise", None)]:
        address = Address(payment_part.hash(), part, network=Network.MAINNET)
        text = challenge("cip34:1-764824073", str(address))
        signed = cip8.sign(text, key, attach_cose_key=True, network=Network.MAINNET)
        # The library signs for an enterprise address; wallets put the whole address into the header.
        signed = signed if part is None else cose(key, bytes(address.to_primitive()), text)
        write(name, "cardano_cip8", "cip34:1-764824073", str(address), signed["signature"], public_key=signed["key"])


def cose(key, address, text):
    from cose.algorithms import EdDSA
    from cose.headers import KID, Algorithm
    from cose.keys import CoseKey
    from cose.messages import Sign1Message
    import cbor2

    public = public_ed25519(key.payload[:32])
    message = Sign1Message(phdr={Algorithm: EdDSA, "address": address}, uhdr={"hashed": False}, payload=text.encode())
    message.key = CoseKey.from_dict({1: 1, -1: 6, 3: -8, -2: public, -4: key.payload[:32]})
    return {"signature": message.encode(tag=False).hex(), "key": cbor2.dumps({1: 1, 3: -8, -1: 6, -2: public}).hex()}


def ton():
    from nacl.signing import SigningKey
    from tonsdk.contract.wallet import Wallets, WalletVersionEnum

    key = SigningKey(seed("ton"))
    wallet = Wallets.ALL[WalletVersionEnum.v4r2](public_key=bytes(key.verify_key), private_key=None, wc=0)
    init = wallet.create_state_init()
    account = init["address"].hash_part
    address = "0:" + account.hex()
    payload = sha256(challenge("tvm:-239", address).encode()).hex()
    message = b"ton-proof-item-v2/" + struct.pack(">i", 0) + bytes(account) + struct.pack("<I", len(REGISTRY)) + REGISTRY.encode()
    message += struct.pack("<Q", SECONDS + 60) + payload.encode()
    signature = key.sign(sha256(b"\xff\xffton-connect" + sha256(message))).signature
    item = dict(domain=REGISTRY, timestamp=SECONDS + 60, state_init=base64.b64encode(init["state_init"].to_boc(False)).decode())
    write("ton_proof", "ton_proof", "tvm:-239", address, base64.b64encode(signature).decode(), ton=item)


def tezos():
    from pytezos import Key

    network = "tezos:NetXdQprcVkpaWU"

    def packed(address):
        text = f"Tezos Signed Message: {REGISTRY} {ISSUED} {challenge(network, address)}".encode()
        return b"\x05\x01" + struct.pack(">I", len(text)) + text

    for name, curve in [("tezos_ed25519", b"ed"), ("tezos_secp256k1", b"sp")]:
        key = Key.from_secret_exponent(seed(name), curve=curve)
        address = key.public_key_hash()
        write(name, "tezos_micheline", network, address, key.sign(packed(address)), public_key=key.public_key())
    tezos_p256(network, packed)


def tezos_p256(network, packed):
    import base58
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    key = ec.derive_private_key(int.from_bytes(seed("tezos_p256"), "big"), ec.SECP256R1())
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    public = base58.b58encode_check(bytes([3, 178, 139, 127]) + point).decode()
    address = base58.b58encode_check(bytes([6, 161, 164]) + hashlib.blake2b(point, digest_size=20).digest()).decode()
    digest = hashlib.blake2b(packed(address), digest_size=32).digest()
    der = key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    r, s = utils.decode_dss_signature(der)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    signature = b"".join(part.to_bytes(32, "big") for part in (r, min(s, order - s)))
    signature = base58.b58encode_check(bytes([54, 240, 44, 52]) + signature).decode()
    write("tezos_p256", "tezos_micheline", network, address, signature, public_key=public)


ALL = [ethereum, tron, bitcoin, solana, near, stellar, algorand, xrpl, cosmos, cardano, ton, tezos]

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:]
    for make in ALL:
        if not wanted or make.__name__ in wanted:
            try:
                make()
            except Exception as error:  # One missing library must not hide the others.
                print(make.__name__, "failed:", repr(error))
