using Spectre.Console;

namespace SampleWorkers.Hosting;

static class Terminal
{
    /// <summary>False for a pipe or a file, which get plain lines without escape sequences.</summary>
    public static bool IsLive => !System.Console.IsOutputRedirected && Console.Profile.Capabilities.Ansi;

    public static IAnsiConsole Console { get; } = Create();

    static IAnsiConsole Create()
    {
        var settings = System.Console.IsOutputRedirected
            ? new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false }, // A build server's would turn on ANSI.
            }
            : new AnsiConsoleSettings();
        var console = AnsiConsole.Create(settings);
        if (System.Console.IsOutputRedirected)
            console.Profile.Width = 140;
        return console;
    }
}
