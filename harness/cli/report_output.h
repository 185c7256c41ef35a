// The page, as `assay report` and the end of `assay demo` write it.
#pragma once

#include <functional>
#include <string>

#include "harness/cli/command.h"
#include "harness/cli/watch.h"

namespace assay::cli {

/// Writes the report of everything in common.db to `path`.
void write_report(const Common& common, const std::string& path);

/// The report of `dataset` while a run of it goes on; `progress` says in a sentence how far it is.
/// Once `stopped` says so, a page that is being made is given up for the last one.
WatchedPages report_pages(const Common& common, const std::string& dataset,
                          std::function<std::string()> progress, std::function<bool()> stopped);

}  // namespace assay::cli
