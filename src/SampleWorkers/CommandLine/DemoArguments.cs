using System.CommandLine;
using SampleWorkers.Demo;

namespace SampleWorkers.CommandLine;

static class DemoArguments
{
    public static RootCommand WithDemo(this RootCommand root, OptionFactory options)
    {
        var duration = options.Create("--duration", "End the demo after this many seconds; by default it runs until Ctrl+C", ValueRules.OptionalNumber(1, 86_400), null);
        root.Options.Add(duration);
        root.SetAction((result, stop) => DemoCommand.RunAsync(
            result.GetValue(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : null, stop));
        return root;
    }
}
