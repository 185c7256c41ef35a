#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/base/error.h"
#include "harness/base/whole_file.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/cli/service_options.h"
#include "harness/service/routes.h"

namespace assay::cli {

namespace {

constexpr std::size_t kOwnDescriptors = 256;  ///< jails, files, the database
constexpr std::size_t kTokenBytesMin = 16;
constexpr auto kLookEvery = std::chrono::milliseconds(50);
constexpr auto kLastAnswersWithin = std::chrono::seconds(5);

struct Options {
  ServiceOptions service;
  service::HttpOptions http;
  std::string token_file;
  double answer_within_s = 600, grace_s = 30;
  std::size_t body_mib = 32;
};

std::string token_of(const Options& options) {
  std::string token;
  if (!options.token_file.empty()) {
    token = read_text_file(options.token_file);
    token.erase(token.find_last_not_of(" \t\r\n") + 1);
  } else if (const char* set = std::getenv("ASSAY_TOKEN")) {
    token = set;
    if (token.empty()) return token;
  } else {
    return token;
  }
  if (token.size() < kTokenBytesMin)
    throw Error(fmt::format("the token is shorter than {} bytes; `openssl rand -hex 32` makes one",
                            kTokenBytesMin),
                ExitCode::usage);
  return token;
}

/// As many as the machine lets us have descriptors for.
std::size_t connections_max(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, wanted + kOwnDescriptors);
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  const std::size_t most = limit.rlim_cur;
  return std::min(wanted, most > 2 * kOwnDescriptors ? most - kOwnDescriptors : most / 2);
}

std::string url_of(const std::string& host, int port) {
  return host.find(':') == host.npos ? fmt::format("http://{}:{}", host, port)
                                     : fmt::format("http://[{}]:{}", host, port);
}

/// What is under way is finished, as far as it is within the time given for it.
void end(service::Routes& routes, service::Desk& desk, service::HttpServer& server,
         double grace_s) {
  routes.stop();
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(grace_s);
  while (!desk.idle() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(kLookEvery);
  desk.stop();
  server.stop(kLastAnswersWithin);
}

/// However this ends: answers are not sent through a server that is gone.
struct EndFirst {
  service::Desk& desk;
  ~EndFirst() { desk.stop(); }
};

int serve(const Common& common, Options& options) {
  const std::atomic<bool>& stop = stop_on_signals();
  options.http.token = token_of(options);
  options.http.open_paths = {"/healthz"};
  service::HttpLimits& limits = options.http.limits;
  limits.body_bytes_max = options.body_mib << 20;
  limits.bodies_bytes_max = std::max(limits.bodies_bytes_max, 4 * limits.body_bytes_max);
  limits.answer_within =
      std::chrono::milliseconds(static_cast<std::int64_t>(options.answer_within_s * 1e3));
  limits.connections_max = connections_max(limits.connections_max);
  service::Catalog catalog = make_catalog(options.service);
  const service::KnownErrors errors = known_errors(options.service, catalog);
  service::Desk desk(options.service.desk);
  service::Routes routes(catalog, desk, options.service.defaults, errors);
  service::HttpServer server(
      options.http,
      [&](service::HttpRequest request, const std::shared_ptr<service::Reply>& reply) {
        routes.handle(std::move(request), reply);
      },
      [&](const std::string& path, int status) { routes.observe(path, status); });
  routes.set_server(&server);
  const EndFirst end_first{desk};
  const std::string url = url_of(options.http.host, server.port());
  if (common.json)
    print_json({{"url", url}, {"workers", desk.workers_up()}});
  else
    say("{}\n", url);
  output().flush();
  remark(common.quiet,
         fmt::format("serving with {} workers until SIGINT or SIGTERM; {}", desk.workers_up(),
                     options.http.token.empty() ? "this machine alone is answered"
                                                : "every request needs the token"));
  for (const std::string& sentence : errors.sentences()) remark(common.quiet, sentence);
  while (!stop) std::this_thread::sleep_for(kLookEvery);
  remark(common.quiet, fmt::format("stopping: what is under way has {:g} s", options.grace_s));
  end(routes, desk, server, options.grace_s);
  return static_cast<int>(ExitCode::done);
}

}  // namespace

Act add_serve(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  add_service_options(command, options->service);
  command.add_option("--port", options->http.port, "The port; 0: any that is free")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command
      .add_option("--host", options->http.host,
                  "The address to listen on, as a number; others than this machine's need a token")
      ->capture_default_str();
  command.add_option(
      "--token-file", options->token_file,
      "The file with the token that every request must bring (Authorization: Bearer ...); "
      "without it $ASSAY_TOKEN");
  command
      .add_option("--queue", options->service.desk.waiting_max,
                  "So many questions may wait; more are refused, to be asked again")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command.add_option("--body-mib", options->body_mib, "The largest body of a request")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      .add_option("--answer-within", options->answer_within_s,
                  "Seconds for an answer, waiting included; then 504")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  command
      .add_option("--grace", options->grace_s,
                  "Seconds for what is under way to be finished after SIGTERM")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  command
      .add_option("--connections", options->http.limits.connections_max,
                  "So many clients at a time; beyond them the oldest that asks nothing makes room")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command.footer(
      "POST /judge takes a question of `assay judge` or a list of them; POST /run_code and /submit take "
      "SandboxFusion's\nrequests, so that verl's sandbox_fusion.url is http://127.0.0.1:8080/run_code. GET "
      "/metrics is for Prometheus,\n/healthz says whether programs can be judged, /verifier what is known of "
      "the verifier's own error (--database).\ndocs/service.md has every key, and clients to copy.\n"
      "Example: assay serve --dataset humaneval --database assay.db\n"
      "         ASSAY_TOKEN=$(openssl rand -hex 32) assay serve --host 0.0.0.0 --port 9000");
  options->http.port = 8080;
  return [&common, options] { return serve(common, *options); };
}

}  // namespace assay::cli
