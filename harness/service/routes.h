// What is served under which path, between HTTP and the desk: POST /judge, /run_code and /submit; GET
// /metrics, /healthz and /verifier. docs/service.md describes each.
//
// Thread-safe. Keeps references to what it is made of.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "harness/service/catalog.h"
#include "harness/service/desk.h"
#include "harness/service/http_server.h"
#include "harness/service/known_errors.h"
#include "harness/service/metrics.h"

namespace assay::service {

/// The record of an answer with what is known of its verifier: passes of problems that wrong programs are
/// known to pass are `weak`, and `with_error` adds the verifier's own error.
nlohmann::json record_with_errors(const Answer& answer, const Asked& asked,
                                  const KnownErrors& errors);

class Routes {
 public:
  Routes(Catalog& catalog, Desk& desk, const Defaults& defaults, const KnownErrors& errors)
      : catalog_(catalog), desk_(desk), defaults_(defaults), errors_(errors) {}

  void handle(HttpRequest request, const std::shared_ptr<Reply>& reply);
  void observe(const std::string& path, int status);
  /// From now on nothing new is judged.
  void stop() { stopping_ = true; }
  /// For /metrics.
  void set_server(const HttpServer* server) { server_ = server; }

 private:
  void judge(const std::string& body, const std::shared_ptr<Reply>& reply);
  void run_code(const std::string& body, const std::shared_ptr<Reply>& reply);
  void submit(const std::string& body, const std::shared_ptr<Reply>& reply);
  HttpResponse get(const std::string& path) const;
  HttpResponse health() const;
  void ask_alone(Question question, const std::shared_ptr<Reply>& reply,
                 std::function<HttpResponse(const Answer&)> tell);

  Catalog& catalog_;
  Desk& desk_;
  const Defaults defaults_;
  const KnownErrors& errors_;
  Metrics metrics_;
  std::atomic<bool> stopping_ = false;
  std::atomic<const HttpServer*> server_ = nullptr;
};

}  // namespace assay::service
