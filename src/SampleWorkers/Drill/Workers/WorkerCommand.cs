using System.Diagnostics;

namespace SampleWorkers.Drill.Workers;

/// <summary>Builds the command that runs the worker role of this build as a process.</summary>
static class WorkerCommand
{
    static readonly string[] ConfigurationPrefixes = ["Sample__", "Breakers__", "Logging__"];

    public static ProcessStartInfo Describe(WorkerPlan plan, Uri report)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) is "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "SampleWorkers.dll"));
        start.ArgumentList.Add("worker");
        start.ArgumentList.Add("--end-with-input");

        // The environment of whoever runs the drill must not change what it measures.
        foreach (var name in start.Environment.Keys.Where(IsConfiguration).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in plan.ToEnvironment())
            start.Environment[name] = value;
        start.Environment["Sample__Report"] = $"{report}";
        start.Environment["Logging__Console__FormatterName"] = "json";
        start.Environment["Logging__Console__FormatterOptions__TimestampFormat"] = "O";
        return start;
    }

    static bool IsConfiguration(string name) =>
        Array.Exists(ConfigurationPrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
