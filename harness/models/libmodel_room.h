// The library's side of the door in model_room.h. Only the library, its tests and its studies include
// this; the program asks model_room().
#pragma once

#include "harness/models/model_room.h"

namespace assay::models {

class LibmodelRoom final : public ModelRoom {
 public:
  std::unique_ptr<GptLearner> learner(const Weights& start,
                                      const TrainOptions& options) const override;  // train.cpp
  Trained train(const Weights& start, const std::function<Lesson(RandomStream&)>& next,
                const TrainOptions& options, const std::atomic<bool>& stop,
                const std::function<void(int)>& told) const override;  // train.cpp
  std::shared_ptr<const TokenModel> module_model(const std::string& path) const override;
  std::unique_ptr<search::PrefixVerifier> module_verifier(
      const std::string& path) const override;  // module.cpp
};

}  // namespace assay::models
