#include "engine/model/quantise.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace seedling {
namespace {

namespace fs = std::filesystem;

// Overwriting a model is what was asked for; overwriting anything else is a slip of the hand.
Status check_destination(const Model& model, const fs::path& to) {
  std::error_code problem;
  if (fs::equivalent(model.directory, to, problem)) {
    return invalid_input(to.string() + " is the model itself, which stays as it is: choose another folder");
  }
  if (!fs::exists(to, problem)) return Done{};
  if (!fs::is_directory(to, problem)) return invalid_input(to.string() + " is a file: choose a new folder");
  const bool is_model =
      fs::exists(to / "config.json", problem) && fs::exists(to / "model.safetensors", problem);
  if (is_model || fs::is_empty(to, problem)) return Done{};
  return invalid_input(to.string() + " holds files, but no model: choose a new folder");
}

// The file as it is, with what says that the matrices are int8. Fields that we do not read stay.
Result<std::string> int8_config_json(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  nlohmann::ordered_json root = nlohmann::ordered_json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object()) return invalid_input(path + ": not a JSON object any more");
  root["quantization_config"] = {{"quant_method", kInt8Panels}, {"bits", 8}};
  return root.dump(2) + "\n";
}

Status write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return Done{};
  return invalid_input(path.string() + ": cannot be written; is there room on the disk?");
}

}  // namespace

double QuantisationError::relative_rms() const {
  return squared_weight > 0 ? std::sqrt(squared_error / squared_weight) : 0;
}

QuantisationError& QuantisationError::operator+=(const QuantisationError& other) {
  squared_error += other.squared_error;
  squared_weight += other.squared_weight;
  return *this;
}

Result<QuantisationError> Int8Tensors::add_matrix(
    const std::string& name, int outputs, int inputs,
    const std::function<void(int, std::span<float>)>& read_row) {
  kernels::AlignedArray<std::uint8_t> panels(kernels::int8_panel_bytes(outputs, inputs));
  std::memset(panels.data(), kernels::kInt8Zero, panels.size());
  kernels::AlignedArray<float> scales(static_cast<std::size_t>(outputs));
  const kernels::Int8Matrix packed{outputs, inputs, panels.data(), scales.data()};
  std::vector<float> row(static_cast<std::size_t>(inputs)), back(row.size());
  QuantisationError error;
  for (int output = 0; output < outputs; ++output) {
    read_row(output, row);
    kernels::pack_int8_row(row.data(), inputs, output, panels.data(), scales.data());
    if (!std::isfinite(scales.data()[output])) {
      return invalid_input("tensor \"" + name + "\": row " + std::to_string(output) +
                           " holds values that are not finite: the weights are damaged");
    }
    kernels::unpack_int8_row(packed, output, back.data());
    for (std::size_t i = 0; i < row.size(); ++i) {
      const double weight = row[i], difference = weight - static_cast<double>(back[i]);
      error.squared_weight += weight * weight;
      error.squared_error += difference * difference;
    }
  }
  const auto view = [](Dtype dtype, std::vector<std::int64_t> shape, const void* data, std::size_t bytes) {
    return TensorView{dtype, std::move(shape), static_cast<const std::byte*>(data), bytes};
  };
  tensors_.push_back({name, view(Dtype::u8, panel_shape(outputs, inputs), panels.data(), panels.size())});
  tensors_.push_back({name + std::string(kScaleSuffix),
                      view(Dtype::f32, {outputs}, scales.data(), scales.size() * sizeof(float))});
  panels_.push_back(std::move(panels));
  scales_.push_back(std::move(scales));
  return error;
}

Result<std::vector<QuantisedMatrix>> quantise_model(const Model& model, const std::string& to) {
  const fs::path from = model.directory, folder = to;
  if (model.config.has_int8_panels) return invalid_input(model.directory + " is int8 already");
  TRY(check_destination(model, folder));
  const std::string config = TRY(int8_config_json((from / "config.json").string()));

  Int8Tensors tensors;
  std::vector<QuantisedMatrix> report;
  for (const WeightSpec& spec : weight_specs(model.config)) {
    if (!spec.is_matrix()) {
      tensors.add({spec.name, *model.weights->find(spec.name)});
      continue;
    }
    const WeightMatrix& matrix = model.matrix(spec.name);
    const auto read_row = [&](int row, std::span<float> out) { matrix.read_row(row, out); };
    report.push_back(
        {spec.name, TRY(tensors.add_matrix(spec.name, matrix.outputs, matrix.inputs, read_row))});
  }

  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) return invalid_input(to + ": cannot be made: " + problem.message());
  TRY(write_safetensors((folder / "model.safetensors").string(), tensors.tensors()));
  TRY(write_file(folder / "config.json", config));
  fs::copy_file(from / "tokenizer.json", folder / "tokenizer.json", fs::copy_options::overwrite_existing,
                problem);
  if (problem) return invalid_input(to + "/tokenizer.json: cannot be written: " + problem.message());
  return report;
}

}  // namespace seedling
