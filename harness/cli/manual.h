// The commands' own help in other forms: man pages, Markdown, completion for shells. All are made from the same
// tree of options that --help prints, so that none can say anything else. Pure; throws nothing; thread-safe.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace assay::cli {

/// A man page (roff, section 1) of the program, or of a command with its own commands.
std::string man_page(const CLI::App& command);
/// The same as a Markdown page.
std::string markdown_page(const CLI::App& command);

std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);
std::string fish_completion(const CLI::App& app);

}  // namespace assay::cli
