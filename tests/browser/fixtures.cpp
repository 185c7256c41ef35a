// Writes the pages that page_test.mjs drives: one file each into the folder named.
#include <filesystem>
#include <fstream>

#include "reports/page.h"
#include "tests/reports/fixture.h"

using namespace assay::reports;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  const auto write = [&](const char* name, const ReportModel& model) {
    std::ofstream(folder / name, std::ios::binary) << render(model);
  };
  write("full.html", fixture());
  write("hostile.html", hostile_fixture());
  write("empty.html", {});
  write("one.html", fixture({1, 1, 1, 0}));
  write("one-model.html", fixture({1, 20, 50, 3}));
  // One problem gives no interval: the bands once had no extent, and Vega complained.
  write("one-problem.html", fixture({2, 1, 50, 3}));
  write("many.html", fixture({20, 164, 100, 800}));
  write("crowd.html", fixture({500, 20, 1, 3}));
  return 0;
}
