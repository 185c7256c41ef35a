#include "harness/base/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/hash.h"

namespace assay {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie");

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kHeaderBytesMax = 16 << 20;  // 100,000 tensors; parsed it is ten times that
constexpr int kHeaderDepthMax = 3;                   // header, tensor, shape
constexpr char kMetadata[] = "__metadata__", kChecksum[] = "sha256";

std::uint64_t size_of(const std::string& dtype) {
  if (dtype == "F64" || dtype == "I64") return 8;
  if (dtype == "F32") return 4;
  if (dtype == "U8") return 1;
  throw Error("has a tensor of an unknown type");
}

template <typename T>
std::string bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

template <typename T>
std::vector<T> values_of(const Tensor& tensor, const char* dtype) {
  if (tensor.dtype != dtype) throw Error(fmt::format("has a tensor that is not {}", dtype));
  std::vector<T> out(tensor.bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), tensor.bytes.data(), out.size() * sizeof(T));
  return out;
}

std::string checksum(const Tensors& all) {
  Hasher hasher;
  for (const auto& [key, value] : all.metadata)
    if (key != kChecksum) hasher.add(key).add(value);
  for (const auto& [name, tensor] : all.tensors) {
    hasher.add(name).add(tensor.dtype);
    for (const std::uint64_t size : tensor.shape) hasher.add(std::to_string(size));
    hasher.add(tensor.bytes);
  }
  return hasher.hex();
}

json parse_header(std::string_view text) {
  const auto shallow = [](int depth, json::parse_event_t, json&) {
    if (depth > kHeaderDepthMax) throw Error("has a header that is nested too deeply");
    return true;
  };
  try {
    json header = json::parse(text, shallow);
    if (header.is_object()) return header;
  } catch (const json::exception&) {
  }
  throw Error("has a header that is no JSON object");
}

/// Where a tensor's numbers lie among all.
struct Place {
  std::uint64_t begin = 0, end = 0;
};

Place place_of(const json& entry, Tensor& tensor) {
  entry.at("dtype").get_to(tensor.dtype);
  std::uint64_t size = size_of(tensor.dtype);
  if (!entry.at("shape").is_array()) throw Error("has a tensor of an unreadable shape");
  for (const json& length : entry.at("shape")) {
    if (!length.is_number_unsigned()) throw Error("has a tensor of an unreadable shape");
    tensor.shape.push_back(length.get<std::uint64_t>());
    if (__builtin_mul_overflow(size, tensor.shape.back(), &size))
      throw Error("has a tensor that is too large");
  }
  const json& offsets = entry.at("data_offsets");
  if (offsets.size() != 2 || !offsets.at(0).is_number_unsigned() ||
      !offsets.at(1).is_number_unsigned())
    throw Error("has a tensor without a place");
  const Place place{offsets.at(0).get<std::uint64_t>(), offsets.at(1).get<std::uint64_t>()};
  if (place.end < place.begin || place.end - place.begin != size)
    throw Error("has a tensor whose shape and place disagree");
  return place;
}

/// REQUIRES: nothing of `header`; all of it is checked. Tensors must lie one behind the other and
/// fill the data exactly, as the layout demands: no byte is read twice, or not at all.
Tensors take(const json& header, std::string_view data) {
  Tensors out;
  std::map<std::uint64_t, std::uint64_t> filled;  // begin -> end, of the tensors that have bytes
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadata) {
      entry.get_to(out.metadata);
      continue;
    }
    Tensor& tensor = out.tensors[name];
    const Place place = place_of(entry, tensor);
    if (place.end > data.size()) throw Error("ends too early");
    tensor.bytes = data.substr(place.begin, place.end - place.begin);
    if (place.end == place.begin) continue;
    if (!filled.emplace(place.begin, place.end).second) throw Error("has overlapping tensors");
  }
  std::uint64_t at = 0;
  for (const auto& [begin, end] : filled) {
    if (begin != at) throw Error("has tensors that overlap or leave gaps");
    at = end;
  }
  if (at != data.size()) throw Error("holds more than its header says");
  return out;
}

}  // namespace

Tensor Tensor::of(std::span<const double> values) {
  return {"F64", {values.size()}, bytes_of(values)};
}
Tensor Tensor::of(std::span<const float> values) {
  return {"F32", {values.size()}, bytes_of(values)};
}
Tensor Tensor::of(std::span<const std::int64_t> values) {
  return {"I64", {values.size()}, bytes_of(values)};
}
Tensor Tensor::of(std::string_view text) { return {"U8", {text.size()}, std::string(text)}; }

std::vector<double> Tensor::doubles() const { return values_of<double>(*this, "F64"); }
std::vector<float> Tensor::floats() const { return values_of<float>(*this, "F32"); }
std::vector<std::int64_t> Tensor::integers() const { return values_of<std::int64_t>(*this, "I64"); }
std::string Tensor::text() const {
  if (dtype != "U8") throw Error("has a tensor that is not U8");
  return bytes;
}

const Tensor& Tensors::at(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw Error(fmt::format("lacks `{}`", name));
  return found->second;
}

std::string encode_tensors(const Tensors& tensors) {
  json header = json::object();
  header[kMetadata] = tensors.metadata;
  header[kMetadata][kChecksum] = checksum(tensors);
  std::vector<std::pair<std::string, const Tensor*>> order;
  for (const auto& [name, tensor] : tensors.tensors) order.emplace_back(name, &tensor);
  // Wide numbers first, so that all of them lie at multiples of their size.
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return size_of(a.second->dtype) > size_of(b.second->dtype);
  });
  std::uint64_t at = 0;
  for (const auto& [name, tensor] : order) {
    header[name] = {{"dtype", tensor->dtype},
                    {"shape", tensor->shape},
                    {"data_offsets", {at, at + tensor->bytes.size()}}};
    at += tensor->bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  if (text.size() > kHeaderBytesMax) throw Error("has too many tensors for one file");
  const std::uint64_t length = text.size();
  std::string out(reinterpret_cast<const char*>(&length), kLengthBytes);
  out += text;
  for (const auto& entry : order) out += entry.second->bytes;
  return out;
}

Tensors decode_tensors(std::string_view bytes) {
  std::uint64_t length = 0;
  if (bytes.size() < kLengthBytes) throw Error("is too short");
  std::memcpy(&length, bytes.data(), kLengthBytes);
  bytes.remove_prefix(kLengthBytes);
  if (length > kHeaderBytesMax || length > bytes.size())
    throw Error("does not begin with the length of a header");
  const json header = parse_header(bytes.substr(0, length));
  Tensors out;
  try {
    out = take(header, bytes.substr(length));
  } catch (const json::exception&) {
    throw Error("has a header that describes no tensors");
  }
  const auto stored = out.metadata.find(kChecksum);
  if (stored == out.metadata.end() || stored->second != checksum(out))
    throw Error("is damaged: its checksum is another");
  out.metadata.erase(stored);
  return out;
}

}  // namespace assay
