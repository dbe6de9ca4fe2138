# bin/quill, libexec/quill/quill-worker, share/quill: a tree that can be moved as a whole.
include(GNUInstallDirs)
install(TARGETS quill RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS quill-worker RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/quill)
install(DIRECTORY data/blueprints data/gold data/grammars data/prompts data/report DESTINATION ${CMAKE_INSTALL_DATADIR}/quill)
install(FILES data/constraints.json data/seed_data.json data/providers.json DESTINATION ${CMAKE_INSTALL_DATADIR}/quill)
# uPlot, where scripts/setup.sh has put it
install(DIRECTORY data/plots DESTINATION ${CMAKE_INSTALL_DATADIR}/quill OPTIONAL)
install(FILES LICENSE THIRD_PARTY.md DESTINATION ${CMAKE_INSTALL_DATADIR}/quill)
install(FILES docs/quill.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

# `cpack -G TGZ` in the build's folder: the same tree as one file, made and tried by scripts/tarball.sh.
set(CPACK_GENERATOR TGZ)
set(CPACK_PACKAGE_NAME quill)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_FILE_NAME quill-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)
