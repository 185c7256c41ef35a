// What a request that has failed for good means, in words and for what comes after it. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "harness/endpoint/client.h"

namespace assay::endpoint {

/// Whether a server refuses what was asked; another request it may answer.
inline bool is_of_request(int status) { return status == 400 || status == 413 || status == 422; }

/// The models that a server lists; none where it lists none. `trouble`: why it could not be asked.
std::vector<std::string> models_at(Client& client, const std::string& url,
                                   std::string* trouble = nullptr);
/// For a message: a server can name a model as it likes.
std::string listed(const std::vector<std::string>& names);

/// "URL: what failed", with what the user may do about it. Asks the server for its models where their
/// names may help.
std::string why_failed(Client& client, const std::string& url, const std::string& path,
                       const Reply& reply);

}  // namespace assay::endpoint
