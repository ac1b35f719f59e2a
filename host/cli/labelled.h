// Labelled texts: tab-separated, the first line names the columns, among them `label` and `text`.
#pragma once

#include "base/result.h"

#include "hearback/linear/train.h"

#include <string>
#include <vector>

namespace hearback::cli {

struct LabelledFile {
    std::string path;
    std::string sha256; // of the file, for the model's card
    std::vector<hearback::linear::Sample> samples;
};

// The error names the line.
base::Result<LabelledFile> readLabelled(const std::string& path);

} // namespace hearback::cli
