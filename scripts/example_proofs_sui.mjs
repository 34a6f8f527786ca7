// Writes docs/examples/proofs/sui_*.json by Sui's own library: the proofs that scripts/example_proofs.py cannot make.
// The keys are public and worthless. Needs @mysten/sui 1.45, from npm in another folder:
//   cd FOLDER && node PROJECT/scripts/example_proofs_sui.mjs PROJECT/docs/examples/proofs
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const { Ed25519Keypair } = require("@mysten/sui/keypairs/ed25519");
const { Secp256k1Keypair } = require("@mysten/sui/keypairs/secp256k1");
const { Secp256r1Keypair } = require("@mysten/sui/keypairs/secp256r1");

for (const [name, Keypair] of [["ed25519", Ed25519Keypair], ["secp256k1", Secp256k1Keypair], ["secp256r1", Secp256r1Keypair]]) {
  const key = Keypair.fromSecretKey(createHash("sha256").update(`vasp-registry example key sui ${name}`).digest());
  const address = key.toSuiAddress();
  const challenge = [
    "VASP registry: proof of control of an address, version 1",
    "Registry: registry.example.org", "VASP: vasp_01jx00000000000000000000aa", "Network: sui:mainnet", `Address: ${address}`,
    "Nonce: 000102030405060708090a0b0c0d0e0f", "Issued: 2026-06-01T12:00:00Z", "Expires: 2026-06-01T12:15:00Z",
    "By signing this text the holder of the key states that the VASP named above controls the address above. It is no transaction and moves nothing.",
  ].join("\n");
  const { signature } = await key.signPersonalMessage(new TextEncoder().encode(challenge));
  const proof = { scheme: "sui_message", network: "sui:mainnet", address, challenge, signature };
  writeFileSync(`${process.argv[2]}/sui_${name}.json`, JSON.stringify(proof, null, 2) + "\n");
}
