# libsodium for the modules, from its source: the target libsodium. Only the files that crypto/ needs,
# without their dispatch by processor (their reference versions are the ones that are portable).
parley_debian_source(libsodium src/libsodium/sodium/utils.c libsodium_dir)
set(libsodium_dir "${libsodium_dir}/src/libsodium")

# seal, hash. At -O2 they take 1.4 KB more (brotli) than at -Oz, and a sixth of the time.
set(libsodium_symmetric
  crypto_aead/xchacha20poly1305/sodium/aead_xchacha20poly1305.c
  crypto_core/hchacha20/core_hchacha20.c
  crypto_generichash/blake2b/ref/blake2b-compress-ref.c
  crypto_generichash/blake2b/ref/blake2b-ref.c
  crypto_generichash/blake2b/ref/generichash_blake2b.c
  crypto_onetimeauth/poly1305/donna/poly1305_donna.c
  crypto_onetimeauth/poly1305/onetimeauth_poly1305.c
  crypto_stream/chacha20/ref/chacha20_ref.c
  crypto_stream/chacha20/stream_chacha20.c)
# sign, exchange
set(libsodium_asymmetric
  crypto_core/ed25519/ref10/ed25519_ref10.c
  crypto_hash/sha512/cp/hash_sha512_cp.c
  crypto_scalarmult/curve25519/ref10/x25519_ref10.c
  crypto_scalarmult/curve25519/scalarmult_curve25519.c
  crypto_sign/ed25519/ref10/keypair.c
  crypto_sign/ed25519/ref10/open.c
  crypto_sign/ed25519/ref10/sign.c)
# password
set(libsodium_password
  crypto_pwhash/argon2/argon2-core.c
  crypto_pwhash/argon2/argon2-encoding.c
  crypto_pwhash/argon2/argon2-fill-block-ref.c
  crypto_pwhash/argon2/argon2.c
  crypto_pwhash/argon2/blake2b-long.c
  crypto_pwhash/argon2/pwhash_argon2id.c)
set(libsodium_common
  crypto_verify/sodium/verify.c
  sodium/utils.c)

set(libsodium_sources)
foreach(kind IN ITEMS symmetric asymmetric password common)
  list(TRANSFORM libsodium_${kind} PREPEND "${libsodium_dir}/")
  list(APPEND libsodium_sources ${libsodium_${kind}})
endforeach()
add_library(libsodium STATIC ${libsodium_sources})
set_source_files_properties(${libsodium_symmetric} ${libsodium_password} PROPERTIES
  COMPILE_OPTIONS -O2)
# Renamed, nobody calls it, and its table is dropped: crypto/sodium_wasm.c has another.
set_source_files_properties("${libsodium_dir}/crypto_core/ed25519/ref10/ed25519_ref10.c" PROPERTIES
  COMPILE_DEFINITIONS ge25519_scalarmult_base=ge25519_scalarmult_base_by_table)
target_compile_definitions(libsodium
  PRIVATE CONFIGURED=1 NATIVE_LITTLE_ENDIAN=1
  PUBLIC SODIUM_STATIC=1)
target_include_directories(libsodium SYSTEM
  PUBLIC "${libsodium_dir}/include"
  PRIVATE "${libsodium_dir}/include/sodium")
set_source_files_properties(crypto/sodium_wasm.c PROPERTIES
  INCLUDE_DIRECTORIES "${libsodium_dir}/include/sodium")
