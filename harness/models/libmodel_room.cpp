#include "harness/models/libmodel_room.h"

extern "C" const assay::models::ModelRoom* assay_model_room() {
  static const assay::models::LibmodelRoom room;
  return &room;
}
