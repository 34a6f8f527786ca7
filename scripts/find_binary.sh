# To be sourced in the project's folder. Sets `binary` to the program that VASP_REGISTRY_BIN names, else to the newer of target/release and
# target/debug, and takes the caller's settings out of the environment.
binary=${VASP_REGISTRY_BIN:-}
built=${CARGO_TARGET_DIR:-target}
[[ -n $binary ]] || binary=$(ls -t "$built"/{release,debug}/vasp-registry 2>/dev/null | head -1 || true)
if [[ ! -x $binary ]]; then
  echo "${0##*/}: no binary: build one (cargo build), or name one in VASP_REGISTRY_BIN"
  exit 3
fi
binary=$(realpath "$binary")
for name in $(compgen -e VASP_REGISTRY_); do unset "$name"; done
