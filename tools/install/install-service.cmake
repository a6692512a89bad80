# Run by "cmake --install": the service and its options, which name the folders of the installation.
# Variables: CMAKE_INSTALL_PREFIX, source_dir (of this file), bin_name (below the prefix).
set(BIN_DIR "${CMAKE_INSTALL_PREFIX}/${bin_name}")
set(SYSCONF_DIR "${CMAKE_INSTALL_PREFIX}/etc")
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(SYSCONF_DIR /etc)
endif()

set(service "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system/parley.service")
message(STATUS "Installing: ${service}")
configure_file("${source_dir}/parley.service.in" "${service}" @ONLY
               FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

set(options "$ENV{DESTDIR}${SYSCONF_DIR}/default/parley")
if(EXISTS "${options}") # the operator's own by now
  message(STATUS "Up-to-date: ${options}")
else()
  message(STATUS "Installing: ${options}")
  configure_file("${source_dir}/parley.default" "${options}" COPYONLY)
endif()
