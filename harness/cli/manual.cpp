#include "harness/cli/manual.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/whole_file.h"
#include "harness/cli/command.h"
#include "harness/cli/output.h"

namespace assay::cli {

namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// "assay datasets check"
std::string called(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent ? called(*parent) + " " + command.get_name() : command.get_name();
}

struct Described {
  std::vector<std::string> names;  ///< as typed: "-j", "--jobs"; empty: a positional word
  std::string title;               ///< "-j,--jobs INT": what --help has before the text
  std::string help;
  std::vector<std::string> values;  ///< where only these may follow
  bool takes_value = false;
};

/// The values of "TEXT:{strict,evalplus}".
std::vector<std::string> values_of(const std::string& type) {
  std::vector<std::string> values;
  const std::size_t open = type.find('{'), close = type.find('}', open);
  if (open == type.npos || close == type.npos) return values;
  std::string value;
  for (const char c : type.substr(open + 1, close - open - 1) + ",") {
    if (c != ',') {
      value += c;
      continue;
    }
    values.push_back(value);
    value.clear();
  }
  return values;
}

std::vector<Described> options_of(const CLI::App& command) {
  const CLI::Formatter formatter;
  std::vector<Described> options;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    Described described;
    for (const std::string& name : option->get_snames()) described.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) described.names.push_back("--" + name);
    described.title = formatter.make_option_name(option, option->get_positional()) +
                      formatter.make_option_opts(option);
    described.help = option->get_description();
    described.values = values_of(option->get_type_name());
    described.takes_value = option->get_items_expected_max() > 0;
    options.push_back(std::move(described));
  }
  return options;
}

std::string usage_of(const CLI::App& command) {
  std::string usage = called(command);
  if (!command.get_options().empty()) usage += " [OPTIONS]";
  for (const CLI::Option* option : command.get_options([](const CLI::Option* one) {
         return one->get_positional() && !one->get_group().empty();
       }))
    usage += option->get_required() ? fmt::format(" {}", option->get_name(true))
                                    : fmt::format(" [{}]", option->get_name(true));
  if (!commands_of(command).empty()) usage += " COMMAND";
  return usage;
}

/// Text that must come through as it stands, a line of input a line of output.
std::string roff(std::string_view text) {
  std::string out;
  bool first_of_line = true;
  for (const char c : text) {
    if (first_of_line && (c == '.' || c == '\'')) out += "\\&";
    first_of_line = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string markdown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<' || c == '*' || c == '|') out += '\\';
    out += c;
  }
  return out;
}

void add_to_man_page(std::string& page, const CLI::App& command) {
  for (const Described& option : options_of(command))
    page += fmt::format(".TP\n.B {}\n{}\n", roff(option.title), roff(option.help));
  for (const CLI::App* one : commands_of(command)) {
    page += fmt::format(".SS {}\n{}\n", roff(called(*one)), roff(one->get_description()));
    if (command.get_parent()) {
      add_to_man_page(page, *one);
    } else {
      page +=
          fmt::format(".br\nSee {}\\-{}(1).\n", roff(command.get_name()), roff(one->get_name()));
    }
  }
  if (!command.get_footer().empty())
    page += fmt::format(".PP\n.nf\n{}\n.fi\n", roff(command.get_footer()));
}

void add_to_markdown_page(std::string& page, const CLI::App& command, const std::string& level) {
  page += fmt::format("{} {}\n\n{}\n\n    {}\n\n", level, called(command),
                      markdown(command.get_description()), usage_of(command));
  for (const Described& option : options_of(command))
    page += fmt::format("- `{}`: {}\n", option.title, markdown(option.help));
  const std::string footer = command.get_footer();
  if (!footer.empty()) {
    page += '\n';
    std::string_view left = footer;
    while (!left.empty()) {
      const std::size_t end = left.find('\n');
      page += fmt::format("    {}\n", left.substr(0, end));
      left.remove_prefix(end == left.npos ? left.size() : end + 1);
    }
  }
  for (const CLI::App* one : commands_of(command)) {
    page += '\n';
    if (command.get_parent()) {
      add_to_markdown_page(page, *one, level + "#");
    } else {
      page +=
          fmt::format("- [{0}]({0}.md): {1}", one->get_name(), markdown(one->get_description()));
    }
  }
}

/// Calls `visit(command, path)` for the program and all its commands: "", "/run", "/datasets/check".
template <class Visit>
void each_command(const CLI::App& command, const std::string& path, const Visit& visit) {
  visit(command, path);
  for (const CLI::App* one : commands_of(command))
    each_command(*one, path + "/" + one->get_name(), visit);
}

/// In single quotes, for bash, zsh and fish alike: no text of ours has such a quote within but as an apostrophe.
std::string apostrophed(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "’";
    } else if (c == '\n') {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out + "'";
}

/// For _arguments, which reads these characters itself.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

void add_zsh_function(std::string& script, const CLI::App& command, const std::string& name) {
  script +=
      fmt::format("{}() {{\n  local context state state_descr line\n  typeset -A opt_args\n", name);
  script += "  _arguments -C";
  for (const Described& option : options_of(command)) {
    for (const std::string& one : option.names) {
      std::string spec = fmt::format("{}[{}]", one, zsh_text(option.help));
      if (option.takes_value)
        spec += option.values.empty() ? ":value:_files"
                                      : fmt::format(":value:({})", fmt::join(option.values, " "));
      script += fmt::format(" \\\n    {}", apostrophed(spec));
    }
  }
  const auto commands = commands_of(command);
  if (commands.empty()) {
    script += " \\\n    '*:file:_files'\n}\n\n";
    return;
  }
  script += " \\\n    '1:command:->command' \\\n    '*::arguments:->arguments'\n";
  script += "  case $state in\n    command)\n      local -a names=(\n";
  for (const CLI::App* one : commands)
    script += fmt::format("        {}\n",
                          apostrophed(one->get_name() + ":" + zsh_text(one->get_description())));
  script += "      )\n      _describe command names ;;\n    arguments)\n      case $line[1] in\n";
  for (const CLI::App* one : commands)
    script += fmt::format("        {}) {}_{} ;;\n", one->get_name(), name, one->get_name());
  script += "      esac ;;\n  esac\n}\n\n";
  for (const CLI::App* one : commands) add_zsh_function(script, *one, name + "_" + one->get_name());
}

}  // namespace

std::string man_page(const CLI::App& command) {
  std::string name = called(command);
  std::replace(name.begin(), name.end(), ' ', '-');
  std::string page = fmt::format(".TH \"{}\" 1 \"\" \"assay {}\" \"User Commands\"\n", roff(name),
                                 roff(ASSAY_VERSION));
  std::string summary = command.get_description();
  summary = summary.substr(0, summary.find('\n'));
  if (summary.starts_with(name + " ")) summary.erase(0, name.size() + 1);
  page += fmt::format(".SH NAME\n{} \\- {}\n", roff(name), roff(summary));
  page += fmt::format(".SH SYNOPSIS\n.B {}\n.SH DESCRIPTION\n{}\n.SH OPTIONS\n",
                      roff(usage_of(command)), roff(command.get_description()));
  add_to_man_page(page, command);
  if (const CLI::App* app = command.get_parent())
    page += fmt::format(".SH \"SEE ALSO\"\n.nf\n.BR {} (1)\n{}\n.fi\n", roff(app->get_name()),
                        roff(app->get_footer()));
  return page;
}

std::string markdown_page(const CLI::App& command) {
  std::string page;
  add_to_markdown_page(page, command, "#");
  if (page.back() != '\n') page += '\n';
  return page;
}

std::string bash_completion(const CLI::App& app) {
  std::string paths, words, values;
  each_command(app, "", [&](const CLI::App& command, const std::string& path) {
    std::vector<std::string> all;
    for (const CLI::App* one : commands_of(command)) all.push_back(one->get_name());
    for (const Described& option : options_of(command)) {
      all.insert(all.end(), option.names.begin(), option.names.end());
      if (option.values.empty()) continue;
      for (const std::string& name : option.names)
        values += fmt::format("    '{} {}') words='{}' all=1 ;;\n", path, name,
                              fmt::join(option.values, " "));
    }
    if (!path.empty()) paths += (paths.empty() ? "" : "|") + path;
    words += fmt::format("    '{}') words='{}'{} ;;\n", path, fmt::join(all, " "),
                         commands_of(command).empty() ? "" : " all=1");
  });
  return fmt::format(
      R"(# Completion of assay's command line for bash: made from its --help.
_assay() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} path= words= all= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case $path/${{COMP_WORDS[i]}} in
      {}) path=$path/${{COMP_WORDS[i]}} ;;
    esac
  done
  case $path in
{}  esac
  case "$path $before" in
{}  esac
  COMPREPLY=()
  if [[ $all || $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  fi
}}
complete -o default -F _assay assay
)",
      paths, words, values);
}

std::string zsh_completion(const CLI::App& app) {
  std::string script =
      "#compdef assay\n# Completion of assay's command line for zsh: made from its --help.\n\n";
  add_zsh_function(script, app, "_assay");
  script +=
      "if [[ $funcstack[1] == _assay ]]; then\n  _assay \"$@\"\nelse\n  compdef _assay assay\nfi\n";
  return script;
}

std::string fish_completion(const CLI::App& app) {
  std::string script = "# Completion of assay's command line for fish: made from its --help.\n";
  each_command(app, "", [&](const CLI::App& command, const std::string& path) {
    // Behind these words, and before a word of the command's own.
    std::string where = path.empty() ? "__fish_use_subcommand" : "";
    for (std::size_t at = 0; at < path.size();) {
      const std::size_t end = std::min(path.find('/', at + 1), path.size());
      where += fmt::format("{}__fish_seen_subcommand_from {}", at ? "; and " : "",
                           path.substr(at + 1, end - at - 1));
      at = end;
    }
    std::vector<std::string> names;
    for (const CLI::App* one : commands_of(command)) names.push_back(one->get_name());
    if (!names.empty() && !path.empty())
      where += fmt::format("; and not __fish_seen_subcommand_from {}", fmt::join(names, " "));
    for (const CLI::App* one : commands_of(command))
      script += fmt::format("complete -c assay -f -n '{}' -a {} -d {}\n", where, one->get_name(),
                            apostrophed(one->get_description()));
    for (const Described& option : options_of(command)) {
      if (option.names.empty()) continue;
      script += fmt::format("complete -c assay -n '{}'", where);
      for (const std::string& name : option.names)
        script += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!option.values.empty()) {
        script += fmt::format(" -x -a '{}'", fmt::join(option.values, " "));
      } else if (option.takes_value) {
        script += " -r";
      }
      script += fmt::format(" -d {}\n", apostrophed(option.help));
    }
  });
  return script;
}

Act add_manual(CLI::App& command, const Common& common) {
  struct Options {
    std::string folder, completion;
  };
  const auto options = std::make_shared<Options>();
  CLI::Option* folder = command.add_option("folder", options->folder,
                                           "Where to write man/, markdown/ and completion/");
  command
      .add_option("--completion", options->completion,
                  "Print the completion for this shell instead")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->excludes(folder);
  command.footer(
      "Example: source <(assay manual --completion bash)\n"
      "         assay manual build/manual && man -l build/manual/man/assay-run.1");
  return [options, &command, &common] {
    const CLI::App& app = *command.get_parent();
    const std::map<std::string, std::string (*)(const CLI::App&)> shells = {
        {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};
    if (!options->completion.empty()) {
      print_text(shells.at(options->completion)(app));
      return static_cast<int>(ExitCode::done);
    }
    if (options->folder.empty())
      throw Error("manual: say a folder to write to, or --completion bash, zsh or fish",
                  ExitCode::usage);
    const std::filesystem::path root = options->folder;
    std::vector<std::string> written;
    const auto write = [&](const std::string& name, const std::string& text) {
      const std::filesystem::path path = root / name;
      std::error_code error;
      std::filesystem::create_directories(path.parent_path(), error);
      if (error) throw Error(fmt::format("{}: {}", path.parent_path().string(), error.message()));
      write_whole_file(path.string(), text);
      written.push_back(path.string());
    };
    write("man/assay.1", man_page(app));
    write("markdown/README.md", markdown_page(app));
    for (const CLI::App* one : commands_of(app)) {
      write(fmt::format("man/assay-{}.1", one->get_name()), man_page(*one));
      write(fmt::format("markdown/{}.md", one->get_name()), markdown_page(*one));
    }
    write("completion/assay.bash", bash_completion(app));
    write("completion/_assay", zsh_completion(app));
    write("completion/assay.fish", fish_completion(app));
    if (common.json) {
      print_json({{"files", written}});
    } else {
      print_text(fmt::format("{} files in {}\n", written.size(), root.string()));
    }
    return static_cast<int>(ExitCode::done);
  };
}

}  // namespace assay::cli
