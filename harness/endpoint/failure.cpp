#include "harness/endpoint/failure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "harness/base/text.h"

namespace assay::endpoint {

using nlohmann::json;

std::vector<std::string> models_at(Client& client, const std::string& url, std::string* trouble) {
  const Reply reply = client.send({{url + "/v1/models", ""}}).front();
  const bool has_none = reply.status == 404 || reply.status == 405 || reply.status == 501;
  if (trouble && !reply.good() && !has_none)
    *trouble = why_failed(client, url, "/v1/models", reply);
  std::vector<std::string> names;
  const json list = reply.good() ? json::parse(reply.body, nullptr, false) : json();
  if (list.is_object() && list.contains("data") && list["data"].is_array())
    for (const json& one : list["data"])
      if (one.is_object() && one.contains("id") && one["id"].is_string())
        names.push_back(one["id"].get<std::string>());
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  return visible_line(fmt::format("{}", fmt::join(names, ", ")));
}

std::string why_failed(Client& client, const std::string& url, const std::string& path,
                       const Reply& reply) {
  std::string sentence = fmt::format("{}: {}", url, reply.trouble);
  if (reply.status == 404) sentence += fmt::format(" (asked for {})", path);
  if (reply.status == 401 || reply.status == 403)
    sentence += "; --api-key-env names the variable with the key";
  if (reply.status == 404 ||
      (reply.status == 400 && reply.body.find("model") != std::string::npos)) {
    const std::vector<std::string> names = models_at(client, url);
    if (!names.empty()) sentence += fmt::format("; the server has the models {}", listed(names));
  }
  return sentence;
}

}  // namespace assay::endpoint
