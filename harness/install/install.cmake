# What `make install` puts where, and the two Debian packages of it (`make package`): the program with its manual and
# completions, and the sandbox as a library for find_package(assay).

# ---- the program
set(manual ${CMAKE_BINARY_DIR}/manual)
add_custom_command(OUTPUT ${manual}/man/assay.1
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${manual}
  COMMAND assay manual ${manual} > ${CMAKE_BINARY_DIR}/manual.log
  DEPENDS assay VERBATIM)
add_custom_target(assay_manual ALL DEPENDS ${manual}/man/assay.1)

install(TARGETS assay COMPONENT program)
if(ASSAY_TORCH)
  install(TARGETS assay_torch LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/assay COMPONENT program)
endif()
install(DIRECTORY ${manual}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${manual}/completion/assay.bash RENAME assay
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(FILES ${manual}/completion/_assay DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT program)
install(FILES ${manual}/completion/assay.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
        COMPONENT program)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs COMPONENT program FILES_MATCHING PATTERN "*.md")

# ---- the sandbox as a library
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/assay)
foreach(room base sandbox)
  set_target_properties(assay_${room} PROPERTIES EXPORT_NAME ${room})
  target_include_directories(assay_${room} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/assay>)
endforeach()
install(TARGETS assay_base assay_sandbox EXPORT assayTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(EXPORT assayTargets NAMESPACE assay:: DESTINATION ${package} COMPONENT development)
foreach(header sandbox/sandbox.h sandbox/limits.h harness/base/error.h harness/base/value/value.h
        harness/base/value/encoded.h)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/assay/${folder} COMPONENT development)
endforeach()
configure_package_config_file(harness/install/assayConfig.cmake.in ${CMAKE_BINARY_DIR}/assayConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/assayConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/assayConfig.cmake ${CMAKE_BINARY_DIR}/assayConfigVersion.cmake
        DESTINATION ${package} COMPONENT development)

# ---- Debian packages
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME assay)
set(CPACK_PACKAGE_CONTACT "the assay developers <assay@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "measures how far unit tests can be trusted as verifiers of programs")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME assay)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
# The interpreter that runs the programs; what is in it of ours keeps to Python's stable interface of 3.8.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "python3 (>= 3.8)")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS
    "g++, gcc, nodejs, default-jdk-headless, golang-go, rustc, golang-github-stretchr-testify-dev, libjavatuples-java")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME assay-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libboost-dev, libfmt-dev, nlohmann-json3-dev, libseccomp-dev, libssl-dev, zlib1g-dev, libzstd-dev, pkg-config, cmake")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "assay's sandbox as a library: runs one program in isolation")
include(CPack)
