#include "sandbox/runtime/process/language.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/process.hpp>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include "harness/base/error.h"
#include "harness/base/fd.h"
#include "harness/base/hash.h"

extern "C" const char assay_run_script_js_begin[], assay_run_script_js_end[];

namespace assay::sandbox {

namespace fs = std::filesystem;
namespace process = boost::process;

namespace {

// ---- asking what is installed

/// What a command of the machine's own writes to its standard output; empty where it fails.
std::string output_of(const std::string& program, const std::vector<std::string>& arguments,
                      const std::vector<std::pair<const char*, const char*>>& variables = {}) {
  int line[2];
  if (pipe2(line, O_CLOEXEC)) throw Error("no descriptors left to ask a compiler");
  const Fd in(line[0]);
  Fd out(line[1]);
  process::environment environment = boost::this_process::environment();
  environment["LC_ALL"] = "C.UTF-8";
  for (const auto& [name, value] : variables) environment[name] = value;
  pid_t pid = -1;
  try {
    process::child child(process::exe = program, process::args = arguments, environment,
                         process::std_in<process::null, process::std_err> process::null,
                         process::posix::fd.bind(STDOUT_FILENO, out.get()));
    pid = child.id();
    child.detach();
  } catch (const process::process_error&) {
    return "";
  }
  out.reset();
  std::string text;
  char bytes[4096];
  for (ssize_t n; (n = read(in.get(), bytes, sizeof bytes)) > 0;)
    text.append(bytes, static_cast<std::size_t>(n));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text : "";
}

std::string first_line_of(const std::string& program, const std::vector<std::string>& arguments) {
  const std::string text = output_of(program, arguments);
  return text.substr(0, text.find('\n'));
}

// ---- what a jail shows

/// Shows files and folders under the names by which they are asked for: what lies behind links, and
/// links to it.
class View {
 public:
  explicit View(Installation& shown) : shown_(shown) {}

  void folder(const std::string& path) { show(path, shown_.directories); }
  void file(const std::string& path) { show(path, shown_.files); }
  /// An executable with what the dynamic linker loads for it, the linker first.
  void executable(const std::string& path) {
    file(path);
    libraries_of(path);
  }
  void libraries_of(const std::string& path) {
    const std::string linker = loader();
    file(linker);
    std::istringstream lines(output_of(linker, {"--list", path}));
    for (std::string line; std::getline(lines, line);) {
      const std::size_t at = line.find('/'), end = line.rfind(" (");
      if (at != std::string::npos && end != std::string::npos && end > at)
        file(line.substr(at, end - at));
    }
  }

 private:
  /// As the programs of this machine name it.
  static std::string loader() {
    for (const char* path : {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"}) {
      if (fs::exists(path)) return path;
    }
    throw Error("this machine has no dynamic linker of GNU's under its usual name");
  }

  void show(const std::string& path, std::vector<std::string>& list) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error) return;
    if (!within_a_folder(real) && seen_.insert(real).second) list.push_back(real);
    // Where a link of the machine's is on the way (/lib64), a folder of its name holds a link to this one.
    if (real != path && !within_a_folder(path) && seen_.insert(path).second)
      shown_.links.emplace_back(path, real);
  }

  /// It is there already. REQUIRES: folders are shown before what lies in them.
  bool within_a_folder(const std::string& path) const {
    const auto holds = [&](const std::string& folder) { return path.starts_with(folder + "/"); };
    return std::any_of(shown_.directories.begin(), shown_.directories.end(), holds) ||
           std::any_of(shown_.links.begin(), shown_.links.end(),
                       [&](const auto& link) { return holds(link.first); });
  }

  Installation& shown_;
  std::set<std::string> seen_;
};

Command command_of(const std::vector<std::vector<std::string>>& commands,
                   const std::vector<std::string>& environment) {
  Command made;
  for (const std::vector<std::string>& words : commands) {
    for (const std::string& word : words) made.words.append(word).push_back('\0');
    made.words.push_back('\0');
  }
  for (const std::string& variable : environment) made.environment.append(variable).push_back('\0');
  return made;
}

/// What every program and compiler finds, however assay was started.
std::vector<std::string> with_common(std::vector<std::string> environment) {
  for (const char* variable : {"LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/"})
    environment.emplace_back(variable);
  return environment;
}

// ---- the languages

constexpr const char* kHeader = "bits/stdc++.h";

/// Whether the text includes the header behind nothing but other headers in angle brackets, empty lines and
/// comments of one line: then nothing is changed by including it first, which a header compiled ahead takes.
bool begins_with(std::string_view program, std::string_view header) {
  while (!program.empty()) {
    const std::size_t end = std::min(program.find('\n'), program.size());
    std::string line(program.substr(0, end));
    program.remove_prefix(std::min(end + 1, program.size()));
    std::erase_if(line, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
    if (line == fmt::format("#include<{}>", header)) return true;
    const bool plain = line.starts_with("#include<") && line.find('>') == line.size() - 1;
    if (!line.empty() && !plain && !(line.starts_with("//") && line.back() != '\\')) return false;
  }
  return false;
}

void add_word(std::string& words, std::string_view word) { words.append(word).push_back('\0'); }

std::string words_of(const std::vector<std::string>& all) {
  std::string words;
  for (const std::string& word : all) add_word(words, word);
  return words;
}

void choose_cpp(std::string_view program, std::string& first, std::string& last) {
  if (begins_with(program, kHeader)) add_word(first, "-include"), add_word(first, kHeader);
  if (program.find("<openssl/") != std::string_view::npos) add_word(last, "-lcrypto");
}

/// Appends what is compiled ahead by these words, of the compiler that lies at `inner`.
void add_ahead(Toolchain& found, const std::vector<std::string>& words,
               const std::vector<std::string>& environment, const std::string& place,
               const std::string& inner) {
  const auto written = fs::last_write_time(inner).time_since_epoch().count();
  const std::string key =
      sha256(fmt::format("{} {} {} {} {}", found.identity, fmt::join(words, " "), inner,
                         fs::file_size(inner), written));
  found.ahead.push_back({command_of({words}, environment), place, key.substr(0, 16)});
}

/// The product is an executable file that needs nothing else.
void run_by_itself(Toolchain& found, View& programs, const std::vector<std::string>& environment) {
  programs.folder("/usr/lib/locale/C.utf8");
  found.product_name = "solution";
  found.run = command_of({{"solution"}}, with_common(environment));
}

void find_gnu(Toolchain& found, const std::string& compiler, const std::string& name,
              const std::string& standard) {
  const std::string version = first_line_of(compiler, {"-dumpfullversion"});
  const std::string triple = first_line_of(compiler, {"-print-multiarch"});
  const std::string inner = first_line_of(compiler, {"-print-prog-name=cc1plus"});
  if (version.empty() || triple.empty() || !fs::exists(inner)) return;
  found.identity =
      fmt::format("{} {} {} -O2, -O0 where the text holds its tests", name, version, standard);
  View compilers(found.compiler);
  compilers.folder(fs::canonical(inner).parent_path());
  for (const char* own : {"-print-file-name=crtbegin.o", "-print-libgcc-file-name"})
    compilers.folder(fs::path(first_line_of(compiler, {own})).parent_path());
  compilers.folder("/usr/include");
  compilers.folder("/usr/lib/" + triple);
  compilers.folder("/lib/" + triple);
  compilers.executable(compiler);
  for (const char* tool : {"as", "ld"}) compilers.executable(std::string("/usr/bin/") + tool);
  compilers.libraries_of(inner);
  // It links in a fifth of the time, and linking is a fifth of what a small program's build costs.
  const std::string quick_linker = "/usr/bin/ld.gold";
  const bool links_quickly = fs::exists(quick_linker);
  if (links_quickly) compilers.executable(quick_linker);
  found.source_name = found.language == "c" ? "solution.c" : "solution.cpp";
  found.product_name = "solution";
  const std::vector<std::string> environment = with_common({"PATH=/usr/bin", "TMPDIR=/tmp"});
  std::vector<std::string> words = {
      compiler, standard, "-pipe", "-w", "-fmax-errors=1", "-pthread", "-fdiagnostics-color=never",
      "{build}"};
  if (links_quickly) words.insert(words.end() - 1, "-fuse-ld=gold");
  // What optimisation takes for granted of a program would otherwise decide about the tests that stand behind
  // it in the same text: a function that ends without its value is taken for unreachable, and with it the
  // assertions. An empty body passed. Such a function has no value by luck either.
  std::vector<std::string> build = {"-O2"}, build_with_tests = {"-O0"};
  if (found.language == "cpp")
    build_with_tests.insert(build_with_tests.end(),
                            {"-fsanitize=return", "-fsanitize-undefined-trap-on-error"});
  const std::string header = fmt::format("/usr/include/{}/c++/{}/bits/stdc++.h", triple,
                                         version.substr(0, version.find('.')));
  if (found.language == "cpp" && fs::exists(header)) {
    for (auto& [folder, chosen] :
         {std::pair("/ahead", &build), {"/ahead_with_tests", &build_with_tests}}) {
      const std::string place = fmt::format("{}/{}", folder, kHeader);
      found.compiler.placed.emplace_back(header, place);
      std::vector<std::string> ahead(words.begin(), words.end() - 1);
      ahead.insert(ahead.end(), chosen->begin(), chosen->end());
      ahead.insert(ahead.end(), {"-x", "c++-header", header, "-o", found.product_name});
      add_ahead(found, ahead, environment, place + ".gch", inner);
      chosen->push_back(fmt::format("-I{}", folder));
    }
    words.emplace_back("{first}");
    found.choose = choose_cpp;
  }
  found.build = words_of(build);
  found.build_with_tests = words_of(build_with_tests);
  words.insert(words.end(), {found.source_name, "-o", found.product_name, "{last}", "-lm"});
  found.compile = command_of({words}, environment);
  View programs(found.runtime);
  for (const char* library : {"libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6"}) {
    const std::string path = first_line_of(compiler, {fmt::format("-print-file-name={}", library)});
    programs.file(fmt::format("/lib/{}/{}", triple, library));
    programs.libraries_of(path);
  }
  programs.file(fmt::format("/lib/{}/libcrypto.so.3", triple));  // HumanEval-X hashes by it
  run_by_itself(found, programs, {});
  found.base_mib = 16;
}

void find_cpp(Toolchain& found) { find_gnu(found, found.path, "g++", "-std=c++17"); }
void find_c(Toolchain& found) { find_gnu(found, found.path, "gcc", "-std=gnu17"); }

void find_javascript(Toolchain& found) {
  const std::string version = first_line_of(found.path, {"--version"});
  if (version.empty()) return;
  found.identity = "Node.js " + version;
  View programs(found.runtime);
  programs.executable(found.path);
  programs.folder("/usr/share/nodejs");  // what Debian's own has outside of its file
  found.run = command_of({{found.path, "--max-old-space-size={memory}", "-e",
                           std::string(assay_run_script_js_begin, assay_run_script_js_end)}},
                         with_common({"UV_USE_IO_URING=0"}));
  found.product = kProductOpen;
  found.base_mib = 96;
  found.address_space = false;
}

// ---- Go

/// Whether a function of this name is defined at the top level, by "KEYWORD NAME(".
bool defines(std::string_view program, const std::string& head) {
  return program.starts_with(head) || program.find("\n" + head) != std::string_view::npos;
}

/// The names of the functions that `go test` would call.
std::vector<std::string> tests_of_go(std::string_view program) {
  std::vector<std::string> names;
  constexpr std::string_view kHead = "\nfunc Test";
  const std::string text = "\n" + std::string(program);
  for (std::size_t at = 0; (at = text.find(kHead, at)) != std::string::npos;) {
    const std::size_t begin = at + 6, end = text.find('(', begin);
    at = begin;
    if (end == std::string::npos) break;
    const std::string name = text.substr(begin, end - begin);
    const bool plain = std::all_of(name.begin(), name.end(),
                                   [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (plain && (name.size() == 4 || !std::islower(static_cast<unsigned char>(name[4]))))
      names.push_back(name);
  }
  return names;
}

/// What calls the tests of a text that has no main, as `go test` does.
std::string main_of_go(std::string_view program) {
  const std::vector<std::string> names =
      defines(program, "func main(") ? std::vector<std::string>() : tests_of_go(program);
  if (names.empty()) return "package main\n";
  std::string text =
      "package main\n\nimport \"testing\"\n\nfunc main() {\n"
      "\ttesting.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{\n";
  for (const std::string& name : names) text += fmt::format("\t\t{{\"{}\", {}}},\n", name, name);
  return text + "\t}, nil, nil)\n}\n";
}

/// Debian's testify, by which HumanEval-X's tests assert: its packages are compiled ahead, each after those that
/// it needs. Its version; empty where it is not installed.
std::string show_testify(Toolchain& found, View& compilers, const std::string& compiler,
                         const std::string& libraries,
                         const std::vector<std::string>& environment) {
  constexpr const char* kAssert = "github.com/stretchr/testify/assert";
  constexpr const char* kSources = "/usr/share/gocode";
  if (!fs::exists(fmt::format("{}/src/{}", kSources, kAssert))) return "";
  // It makes a cache, whatever it is asked; the user's own stays out of it.
  std::error_code ignored;
  std::string cache = (fs::temp_directory_path(ignored) / "assay-go.XXXXXX").string();
  if (!mkdtemp(cache.data())) return "";
  std::istringstream packages(output_of(
      found.path,
      {"list", "-deps", "-f",
       "{{if not .Standard}}{{.ImportPath}} {{.Dir}} {{join .GoFiles \" \"}}{{end}}", kAssert},
      {{"GO111MODULE", "off"}, {"GOPATH", kSources}, {"GOCACHE", cache.c_str()}}));
  fs::remove_all(cache, ignored);
  for (std::string line; std::getline(packages, line);) {
    std::istringstream words(line);
    std::string name, folder, file;
    if (!(words >> name >> folder)) continue;
    std::vector<std::string> command = {compiler,    "-o", found.product_name, "-p", name,
                                        "-complete", "-I", libraries,          "-I", "/ahead"};
    while (words >> file) command.push_back(folder + "/" + file);
    compilers.folder(folder);
    add_ahead(found, command, environment, "/ahead/" + name + ".a", compiler);
  }
  if (found.ahead.empty()) return "";
  const std::string version = first_line_of(
      "/usr/bin/dpkg-query", {"-W", "-f", "${Version}", "golang-github-stretchr-testify-dev"});
  return version.empty() ? "of unknown version" : version;
}

void find_go(Toolchain& found) {
  const std::string root = first_line_of(found.path, {"env", "GOROOT"});
  const std::string system = first_line_of(found.path, {"env", "GOOS"}) + "_" +
                             first_line_of(found.path, {"env", "GOARCH"});
  const std::string version = first_line_of(found.path, {"env", "GOVERSION"});
  const std::string libraries = root + "/pkg/" + system, tools = root + "/pkg/tool/" + system;
  // Its compiler and linker are called without the command go: it would look for modules and for its own
  // cache. Go 1.20 and later bring no compiled library, which Debian 12's still does.
  if (version.empty() || !fs::exists(libraries + "/fmt.a") || !fs::exists(tools + "/compile"))
    return;
  found.identity = version;
  View compilers(found.compiler);
  compilers.folder(libraries);
  for (const char* tool : {"/compile", "/link"}) compilers.executable(tools + tool);
  found.product_name = "solution";
  const std::vector<std::string> environment = with_common({"TMPDIR=/tmp", "GOROOT=" + root});
  const std::string testify =
      show_testify(found, compilers, tools + "/compile", libraries, environment);
  View programs(found.runtime);
  if (!testify.empty()) {
    found.identity += ", testify " + testify;
    // It needs net, which Debian's Go links to the C library.
    for (const char* folder : {"/lib/x86_64-linux-gnu/", "/lib/aarch64-linux-gnu/"})
      for (const char* library : {"libc.so.6", "libresolv.so.2", "libpthread.so.0"})
        if (const std::string path = std::string(folder) + library; fs::exists(path))
          programs.executable(path);
  }
  found.source_name = "solution.go";
  found.second_name = "assay_tests.go";
  found.second = main_of_go;
  run_by_itself(found, programs, {"GOMEMLIMIT={memory}MiB", "GOTRACEBACK=single"});
  found.compile =
      command_of({{tools + "/compile", "-o", "solution.o", "-p", "main", "-complete", "-I",
                   libraries, "-I", "/ahead", found.source_name, found.second_name},
                  {tools + "/link", "-s", "-w", "-o", found.product_name, "-L", libraries, "-L",
                   "/ahead", "solution.o"}},
                 environment);
  found.base_mib = 32;
  found.address_space = false;
}

// ---- Rust

/// A text of tests without a main is compiled with what calls them.
void choose_rust(std::string_view program, std::string& first, std::string&) {
  if (!defines(program, "fn main(") && !defines(program, "pub fn main(") &&
      program.find("#[test]") != std::string_view::npos)
    add_word(first, "--test");
}

void find_rust(Toolchain& found) {
  const std::string version = first_line_of(found.path, {"--version"});
  const std::string root = first_line_of(found.path, {"--print", "sysroot"});
  const std::string triple = first_line_of("/usr/bin/gcc", {"-print-multiarch"});
  if (version.empty() || triple.empty() || root.empty()) return;
  found.identity = version + " --edition 2021 -O, without where the text holds its tests";
  found.build = words_of({"-O"});
  View compilers(found.compiler);
  compilers.folder(root + "/lib/rustlib");
  const std::string inner = first_line_of("/usr/bin/gcc", {"-print-prog-name=collect2"});
  compilers.folder(fs::canonical(inner).parent_path());
  compilers.folder("/usr/lib/" + triple);
  compilers.folder("/lib/" + triple);
  for (const char* tool : {"/usr/bin/gcc", "/usr/bin/ld"}) compilers.executable(tool);
  compilers.executable(found.path);
  found.compiler.links.emplace_back("/proc/self/exe",
                                    found.path);  // by which it finds its libraries
  found.source_name = "solution.rs";
  found.choose = choose_rust;
  View programs(found.runtime);
  for (const char* library : {"libgcc_s.so.1", "libc.so.6", "libm.so.6"})
    programs.file(fmt::format("/lib/{}/{}", triple, library));
  programs.libraries_of("/lib/" + triple + "/libgcc_s.so.1");
  run_by_itself(found, programs, {});
  found.compile = command_of(
      {{found.path, "{build}", "--edition", "2021", "--cap-lints", "allow", "-C", "strip=symbols",
        "-C", "linker=/usr/bin/gcc", "{first}", found.source_name, "-o", found.product_name}},
      with_common({"PATH=/usr/bin", "TMPDIR=/tmp"}));
  found.base_mib = 16;
}

// ---- Java

/// The class at the top level that has main, or else the last one before where main would be, but a public
/// one before all others: its file must have its name. "Main" where there is none. Strings and comments are
/// not understood: braces in them mislead it, and then the program does not start.
std::string name_of_java(std::string_view program) {
  constexpr std::string_view kClass = "class ";
  const std::size_t main = std::min(program.find("static void main("), program.size());
  std::string name = "Main";
  int depth = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    depth += program[at] == '{' ? 1 : program[at] == '}' ? -1 : 0;
    const bool begins = at == 0 || std::isspace(static_cast<unsigned char>(program[at - 1]));
    if (depth != 0 || !begins || !program.substr(at).starts_with(kClass)) continue;
    const std::size_t line = program.rfind('\n', at) + 1;
    const bool is_public = program.substr(line, at - line).starts_with("public ");
    if (at > main && !is_public) continue;
    const std::string_view rest = program.substr(at + kClass.size());
    const auto end = std::find_if_not(rest.begin(), rest.end(),
                                      [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (end != rest.begin()) name.assign(rest.begin(), end);
    if (is_public) break;
  }
  return name;
}

/// What every Java program of this home needs.
void show_java(Installation& shown, const std::string& home,
               const std::vector<std::string>& tools) {
  View view(shown);
  for (const char* folder : {"/lib", "/conf"}) view.folder(home + folder);
  // Debian keeps its settings elsewhere, behind links.
  std::error_code error;
  const fs::path settings = fs::canonical(home + "/conf/net.properties", error);
  if (!error) view.folder(settings.parent_path());
  for (const std::string& tool : tools) view.executable(home + "/bin/" + tool);
  for (const char* library : {"server/libjvm", "libjli", "libjava", "libzip", "libjimage", "libnio",
                              "libnet", "libverify"})
    view.libraries_of(fmt::format("{}/lib/{}.so", home, library));
  // By this name the loader finds what lies beside the program.
  shown.links.emplace_back("/proc/self/exe", home + "/bin/" + tools.front());
}

void find_java(Toolchain& found) {
  const std::string home = fs::canonical(found.path).parent_path().parent_path();
  const std::string version = first_line_of(home + "/bin/javac", {"--version"});
  if (version.empty() || !fs::exists(home + "/lib/server/libjvm.so")) return;
  found.identity = version + ", java -ea";
  // Debian's, by which MultiPL-E's programs return pairs.
  constexpr const char* kTuples = "/usr/share/java/javatuples.jar";
  std::string path = found.product_name = "solution.jar", tuples;
  if (fs::exists(kTuples)) {
    tuples = fs::canonical(kTuples);
    path += ":" + tuples;
    found.identity += ", " + fs::path(tuples).stem().string();
  }
  show_java(found.compiler, home, {"javac", "jar"});
  show_java(found.runtime, home, {"java"});
  View(found.runtime).folder("/usr/lib/locale/C.utf8");
  found.source_name = "{name}.java";
  if (!tuples.empty())
    for (Installation* shown : {&found.compiler, &found.runtime}) View(*shown).file(tuples);
  found.name = name_of_java;
  // There is no /dev/urandom, without which a secure generator seeds itself for seconds; and the same program
  // draws the same numbers in every run.
  const std::string seed = fmt::format("-Djava.security.egd=file:{}/lib/modules", home);
  const auto tool = [&](const std::string& name, const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {home + "/bin/" + name, "-J" + seed};
    for (const char* option : {"-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                               "-XX:-UsePerfData", "-XX:ReservedCodeCacheSize=64m"})
      words.push_back(std::string("-J") + option);
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
  };
  found.compile = command_of({tool("javac", {"-proc:none", "-nowarn", "-encoding", "UTF-8", "-cp",
                                             path, "-d", "classes", found.source_name}),
                              tool("jar", {"cf0", found.product_name, "-C", "classes", "."})},
                             with_common({"TMPDIR=/tmp"}));
  found.run =
      command_of({{home + "/bin/java", seed, "-ea", "-Xmx{memory}m", "-XX:+UseSerialGC",
                   "-XX:-UsePerfData", "-XX:-UseContainerSupport", "-XX:-CreateCoredumpOnCrash",
                   "-XX:ErrorFile=/dev/null", "-cp", path, "{name}"}},
                 with_common({}));
  found.product = kProductPlaced;
  found.base_mib = 160;
  found.address_space = false;
}

// ---- all

struct Language {
  const char *name, *display, *program, *package;
  void (*find)(Toolchain&);
};
constexpr std::array kLanguages = {
    Language{"cpp", "C++", "g++", "g++", find_cpp},
    Language{"c", "C", "gcc", "gcc", find_c},
    Language{"java", "Java", "javac", "default-jdk-headless", find_java},
    Language{"go", "Go", "go", "golang-go", find_go},
    Language{"rust", "Rust", "rustc", "rustc", find_rust},
    Language{"javascript", "JavaScript", "node", "nodejs", find_javascript},
};

Toolchain found_on_this_machine(const Language& language) {
  Toolchain found;
  found.language = language.name;
  found.display = language.display;
  found.path = std::string("/usr/bin/") + language.program;
  if (const std::string local = std::string("/usr/local/bin/") + language.program;
      access(found.path.c_str(), X_OK) != 0 && access(local.c_str(), X_OK) == 0)
    found.path = local;
  found.compiler.runtime = Runtime::compilers;
  found.runtime.runtime = Runtime::programs;
  if (access(found.path.c_str(), X_OK) == 0) language.find(found);
  if (found.identity.empty()) {
    throw Error(
        fmt::format("programs in {} need {}, which this machine does not have: install the Debian "
                    "package {}",
                    language.display, found.path, language.package));
  }
  return found;
}

}  // namespace

std::string words_for(const Toolchain& toolchain, std::string_view program, bool with_tests) {
  std::string words = toolchain.compile.words, first, last;
  if (toolchain.choose) toolchain.choose(program, first, last);
  const std::string& build = with_tests ? toolchain.build_with_tests : toolchain.build;
  for (const auto& [mark, chosen] : {std::pair(std::string("{build}\0", 8), &build),
                                     std::pair(std::string("{first}\0", 8), &std::as_const(first)),
                                     std::pair(std::string("{last}\0", 7), &std::as_const(last))}) {
    if (const std::size_t at = words.find(mark); at != std::string::npos)
      words.replace(at, mark.size(), *chosen);
  }
  return with_name(toolchain, program, std::move(words));
}

std::string with_name(const Toolchain& toolchain, std::string_view program, std::string text) {
  constexpr std::string_view kMark = "{name}";
  if (!toolchain.name) return text;
  const std::string name = toolchain.name(program);
  for (std::size_t at = 0; (at = text.find(kMark, at)) != std::string::npos; at += name.size())
    text.replace(at, kMark.size(), name);
  return text;
}

std::vector<std::string> languages() {
  std::vector<std::string> names;
  for (const Language& language : kLanguages) names.emplace_back(language.name);
  return names;
}

const Toolchain& toolchain_of(const std::string& language) {
  static std::mutex mutex;
  static std::map<std::string, Toolchain> known;
  const std::lock_guard lock(mutex);
  const auto at = known.find(language);
  if (at != known.end()) return at->second;
  const auto* row = std::find_if(kLanguages.begin(), kLanguages.end(),
                                 [&](const Language& one) { return one.name == language; });
  if (row == kLanguages.end())
    throw Error(fmt::format("there is no language '{}': python, {}", language,
                            fmt::join(languages(), ", ")));
  return known.emplace(language, found_on_this_machine(*row)).first->second;
}

}  // namespace assay::sandbox
