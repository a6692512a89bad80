# Modules of the layer crypto alone, by the wasm preset: what it exports, C's calling convention and
# all, is what the headers in crypto/ say.
#
#   crypto.wasm     all of it, for tests and measurements
#   password.wasm   a key from a password: an instance is dropped after use, and its memory with it

# parley_crypto_module(NAME FUNCTION...)
function(parley_crypto_module name)
  list(TRANSFORM ARGN PREPEND "_")
  list(JOIN ARGN "," exported)
  add_executable(${name}_module $<TARGET_OBJECTS:wasm_crypto>)
  target_link_libraries(${name}_module PRIVATE wasm_crypto)
  target_link_options(${name}_module PRIVATE
    -Oz -flto
    -sSTANDALONE_WASM --no-entry -sMALLOC=emmalloc
    -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=512MB
    -sEXPORTED_FUNCTIONS=${exported} -sERROR_ON_UNDEFINED_SYMBOLS=1)
  set_target_properties(${name}_module PROPERTIES
    OUTPUT_NAME ${name} SUFFIX .wasm RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  parley_finish_module(${name}_module)
endfunction()

parley_crypto_module(crypto
  malloc
  exchange_agree exchange_key_pair exchange_secret_key_wipe
  hash_add hash_derive hash_end hash_init hash_key_wipe hash_of
  password_key
  seal seal_key_wipe seal_open
  secret_equal secret_wipe
  sign sign_key_pair sign_secret_key_wipe sign_verify)
parley_crypto_module(password malloc password_key)
