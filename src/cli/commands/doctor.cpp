// quill doctor — what works on this machine, and why what does not.
#include <functional>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/gpu.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/blueprint.hpp"
#include "quill/engine/session.hpp"
#include "quill/optimize/knowledge.hpp"
#include "quill/report/run_page.hpp"

namespace quill::cli {

namespace {

struct Finding {
  enum class State { works, weaker, absent, broken };
  std::string name;
  State state = State::works;
  std::string text;
};

std::string_view to_string(Finding::State state) {
  switch (state) {
  case Finding::State::works:
    return "works";
  case Finding::State::weaker:
    return "weaker";
  case Finding::State::absent:
    return "absent";
  case Finding::State::broken:
    return "broken";
  }
  return "";
}

/// A check that throws is broken, with the reason: doctor itself goes on.
Finding tried(const std::string& name, const std::function<std::string()>& check) {
  try {
    return {name, Finding::State::works, check()};
  } catch (const Error& error) {
    return {name, Finding::State::broken,
            fmt::format("{} ({}); {}", error.text().what, error.text().where, error.text().fix)};
  }
}

/// The engine's version, when it answers.
std::string answering(engine::Session& session) {
  const auto execution = session.run("SELECT 1", {});
  if (execution.status != engine::Status::ok)
    throw Error{Exit::bug, {.what = execution.message, .where = "SELECT 1", .fix = ""}};
  return session.version();
}

/// An engine that need not be there: absent is no defect, not working is one.
Finding of_engine(const std::string& name, engine::Engine engine,
                  const std::function<std::string(const std::string& version)>& check) {
  const auto state = engine::engine_state(engine);
  if (!state.built)
    return {name, Finding::State::absent, state.reason};
  if (!state.works)
    return {name, Finding::State::broken, state.reason};
  return tried(name, [&] { return check(state.version); });
}

/// quill-torch need not be there.
Finding local_models() {
  Finding found = tried("local models", [] { return sibling_program("quill-torch").string(); });
  if (found.state != Finding::State::works)
    found = {found.name, Finding::State::absent,
             "no quill-torch: built when LibTorch is there (scripts/setup.sh torch)"};
  return found;
}

std::vector<Finding> installation(const Cancel& cancel) {
  return {
      tried("worker", [] { return sibling_program("quill-worker").string(); }),
      tried("SQLite",
            [&] {
              const auto session = engine::open_sqlite_script("", &cancel);
              return answering(*session) + ", in the worker";
            }),
      of_engine("DuckDB", engine::Engine::duckdb,
                [&](const std::string&) {
                  const auto session = engine::open_duckdb_script("", &cancel);
                  return answering(*session) + ", in a worker of its own";
                }),
      of_engine("PostgreSQL", engine::Engine::postgres,
                [](const std::string& library) {
                  return library + ", in a worker of its own; the server is named by --db";
                }),
      local_models(),
      tried("shipped files",
            [] {
              return fmt::format("{}, {} blueprints", shipped_folder().string(),
                                 engine::Blueprint::shipped().size());
            }),
  };
}

std::vector<Finding> gpus() {
  const GpuDriver driver = ask_gpu_driver();
  if (!driver.there || driver.gpus.empty())
    return {{"GPU", Finding::State::absent,
             driver.there ? "the NVIDIA driver sees no GPU" : driver.reason}};
  std::vector<Finding> findings;
  for (const Gpu& gpu : driver.gpus)
    findings.push_back(
        {fmt::format("GPU {}", findings.size()), Finding::State::works,
         fmt::format("{}, compute capability {}.{}, {} MiB; driver for CUDA {}.{}; {}", gpu.name,
                     gpu.major, gpu.minor, gpu.memory_mib, driver.cuda / 1000,
                     driver.cuda % 1000 / 10, fitting_libtorch(driver.cuda, gpu))});
  return findings;
}

Finding plots() {
  using State = Finding::State;
  return report::find_plot_library()
             ? Finding{"plots", State::works, "uPlot, inlined into reports"}
             : Finding{"plots", State::absent,
                       "uPlot is not installed (scripts/setup.sh): reports have no plots"};
}

std::vector<Finding> protection() {
  const engine::Protection kernel = engine::protection();
  using State = Finding::State;
  return {
      kernel.landlock_abi > 0
          ? Finding{"Landlock", State::works,
                    fmt::format("ABI {}: the worker reaches no file", kernel.landlock_abi)}
          : Finding{"Landlock", State::weaker,
                    "this kernel lacks it (5.13 and later have it): file access by untrusted SQL "
                    "is stopped by the authorizer alone"},
      kernel.seccomp ? Finding{"seccomp", State::works, "the worker may make few system calls"}
                     : Finding{"seccomp", State::weaker,
                               "not available: the worker's system calls are not filtered"},
      kernel.memory_limit
          ? Finding{"memory limit", State::works,
                    "RLIMIT_AS and RLIMIT_FSIZE are set in the worker"}
          : Finding{"memory limit", State::weaker,
                    "RLIMIT_AS is not set (a sanitizer build): SQLite's own heap limit holds"},
  };
}

std::vector<Finding> providers(const Settings& settings) {
  std::vector<Finding> findings = {{"provider rules", Finding::State::works, "built in, no key"}};
  for (const auto& [provider, key] :
       {std::pair{"openai", "OPENAI_API_KEY"}, std::pair{"deepseek", "DEEPSEEK_API_KEY"},
        std::pair{"openrouter", "OPENROUTER_API_KEY"}}) {
    const bool set = settings.secret(key).has_value();
    findings.push_back({fmt::format("provider {}", provider),
                        set ? Finding::State::works : Finding::State::absent,
                        fmt::format("{} is {}", key, set ? "set" : "not set")});
  }
  return findings;
}

Finding knowledge() {
  return tried("knowledge", [] {
    const auto known = optimize::Knowledge::load_shipped();
    return fmt::format("{} known rewrites, {} constraint rules, found with FAISS",
                       known.rewrites().size(), known.constraints().size());
  });
}

Exit run_doctor(Context& context) {
  std::vector<Finding> findings = installation(context.cancel);
  findings.push_back(plots());
  findings.push_back(knowledge());
  for (auto& part : {gpus(), protection(), providers(context.settings)})
    findings.insert(findings.end(), part.begin(), part.end());
  Json document = {
      {"format_version", kFormatVersion}, {"version", QUILL_VERSION}, {"findings", Json::array()}};
  Table table{.columns = {{"what"}, {"state"}, {"why"}}, .rows = {}};
  bool broken = false;
  for (const Finding& finding : findings) {
    const std::string state{to_string(finding.state)};
    document["findings"].push_back(
        {{"name", finding.name}, {"state", state}, {"text", finding.text}});
    table.rows.push_back({finding.name, state, finding.text});
    broken = broken || finding.state == Finding::State::broken;
  }
  context.out.result(document, "quill " QUILL_VERSION "\n\n" +
                                   format_table(table, context.out.styled(), 120));
  return broken ? Exit::negative : Exit::ok;
}

} // namespace

Command doctor_command() {
  return {
      .name = "doctor",
      .group = "about Quill",
      .summary = "what works on this machine, and why what does not",
      .details = "Exit code 1 when something that should work is broken.",
      .examples = {"quill doctor"},
      .formats = Formats::any,
      .run = run_doctor,
  };
}

} // namespace quill::cli
