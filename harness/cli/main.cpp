// Where errors become sentences. What there is to run: the table in command.cpp.
#include <exception>
#include <string>

#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/output.h"

using namespace assay;

int main(int argc, char** argv) {
  try {
    cli::prepare_streams();
    const int code = cli::run_command_line(argc, argv);
    cli::output().flush();
    return code;
  } catch (const cli::ReaderGone&) {
    return static_cast<int>(ExitCode::done);
  } catch (const Error& error) {
    cli::messages().write(std::string("assay: ") + error.what() + "\n");
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    cli::messages().write(std::string("assay: unexpected: ") + error.what() + "\n");
    return static_cast<int>(ExitCode::failed);
  }
}
