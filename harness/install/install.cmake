# What `make install` puts where, and the three Debian packages of it (`make package`): the program with its manual and
# completions, the library of what needs libtorch, and the sandbox as a library for find_package(assay).

# ---- the program
set(manual ${CMAKE_BINARY_DIR}/manual)
add_custom_command(OUTPUT ${manual}/man/assay.1.gz
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${manual}
  COMMAND assay manual ${manual} > ${CMAKE_BINARY_DIR}/manual.log
  COMMAND gzip -9nr ${manual}/man
  DEPENDS assay VERBATIM)
add_custom_target(assay_manual ALL DEPENDS ${manual}/man/assay.1.gz)
# All that is installed, and no test: `make install` and `make package` build this.
add_custom_target(assay_installed DEPENDS assay assay_manual assay_base assay_sandbox)

install(TARGETS assay COMPONENT program)
install(DIRECTORY ${manual}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${manual}/completion/assay.bash RENAME assay
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(FILES ${manual}/completion/_assay DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT program)
install(FILES ${manual}/completion/assay.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
        COMPONENT program)
# The documents, and every file that they link.
install(FILES README.md CHANGELOG.md ARCHITECTURE.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
foreach(linked datasets/README.md datasets/builtin/README.md harness/store/schema.sql)
  get_filename_component(folder ${linked} DIRECTORY)
  install(FILES ${linked} DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder} COMPONENT program)
endforeach()

# ---- the part that needs libtorch, which the program loads when it is there (harness/base/torch_library.h)
if(ASSAY_TORCH)
  install(TARGETS assay_torch LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/assay COMPONENT torch)
  install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}-torch COMPONENT torch)
endif()

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
install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}-dev COMPONENT development)
install(DIRECTORY tests/install/ DESTINATION ${CMAKE_INSTALL_DOCDIR}-dev/examples COMPONENT development)

# ---- Debian packages
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME assay)
set(CPACK_PACKAGE_CONTACT "the assay developers <assay@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL program development)
if(ASSAY_TORCH)
  list(APPEND CPACK_COMPONENTS_ALL torch)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME assay)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
# The interpreter that runs the programs; what is in it of ours keeps to Python's stable interface of 3.8.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "python3 (>= 3.8)")
if(ASSAY_TORCH)
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS assay-torch)
endif()
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS
    "g++, gcc, nodejs, default-jdk-headless, golang-go, rustc, golang-github-stretchr-testify-dev, libjavatuples-java")
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION
"measures how far unit tests can be trusted as verifiers of programs
It judges model-written programs by the tests of a benchmark in a sandbox,
and tells from the verdicts which passes are wrong, how high resampling can
go, how many samples are worth drawing, and where the tests are weak.")

# libtorch brings hundreds of packages, which a machine that only judges does without.
set(CPACK_DEBIAN_TORCH_PACKAGE_NAME assay-torch)
set(CPACK_DEBIAN_TORCH_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TORCH_PACKAGE_DEPENDS "assay (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_TORCH_PACKAGE_RECOMMENDS libopenblas0-openmp)  # the reference BLAS is fifty times slower
set(CPACK_DEBIAN_TORCH_DESCRIPTION
"commands of assay that need libtorch
Fitted models of acceptance (fit, generate --until worth), and models that
are trained or come as TorchScript modules (train, search).")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME assay-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libfmt-dev, libseccomp-dev, libssl-dev, zlib1g-dev, libzstd-dev, pkg-config, python3 (>= 3.8)")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "cmake, g++")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
"sandbox of assay as a library
It runs one program in isolation; find_package(assay) gives assay::sandbox.")
include(CPack)
