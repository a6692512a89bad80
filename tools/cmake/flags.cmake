# Compiler and linker flags of our own targets; each calls parley_target_flags(TARGET).
add_library(parley_flags INTERFACE)

target_compile_options(parley_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wold-style-definition -Wcast-qual -Wcast-align -Wwrite-strings -Wpointer-arith -Wformat=2
  -Wundef -Wvla -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough -Wswitch-enum
  -fno-common)

if(PARLEY_WERROR)
  target_compile_options(parley_flags INTERFACE -Werror)
endif()

if(PARLEY_SANITIZE)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all)
  target_compile_options(parley_flags INTERFACE ${sanitizers} -fno-omit-frame-pointer)
  target_link_options(parley_flags INTERFACE ${sanitizers})
endif()

if(PARLEY_FUZZ)
  target_compile_options(parley_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(PARLEY_COVERAGE)
  target_compile_options(parley_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(parley_flags INTERFACE -fprofile-instr-generate)
endif()

if(PARLEY_HARDEN)
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES C)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT CMAKE_INTERPROCEDURAL_OPTIMIZATION OUTPUT ignored LANGUAGES C)
  # Debian's compilers predefine no _FORTIFY_SOURCE, other distributions' do: hence the -U.
  target_compile_options(parley_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection)
  target_link_options(parley_flags INTERFACE LINKER:-z,relro LINKER:-z,now LINKER:--as-needed)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2") # our traps do not depend on NDEBUG

function(parley_target_flags target)
  target_link_libraries(${target} PRIVATE parley_flags)
endfunction()
