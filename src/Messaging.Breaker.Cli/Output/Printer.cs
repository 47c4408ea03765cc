using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Messaging.Breaker.Cli.Sources;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Messaging.Breaker.Cli.Output;

/// <summary>Prints for a terminal with a given width, or plainly for a pipe: no colours, no escape sequences, and no broken lines.</summary>
sealed class Printer(Surroundings surroundings, bool hasColour)
{
    /// <summary>The width for a pipe: to be searchable, each row has to be on one line.</summary>
    const int Endless = 10_000;

    public void Print(IRenderable content) => surroundings.Out.WriteLine(Render(content));

    public void PrintLine(string line) => surroundings.Out.WriteLine(line);

    public void PrintJson<T>(T value, JsonTypeInfo<T> type) =>
        surroundings.Out.WriteLine(JsonSerializer.SerializeToNode(value, type)!.ToJsonString(CliFormat.Indented));

    /// <summary>On one line of a stream.</summary>
    public void PrintJsonLine<T>(T value, JsonTypeInfo<T> type)
    {
        surroundings.Out.WriteLine(JsonSerializer.Serialize(value, type));
        surroundings.Out.Flush();
    }

    public void PrintJson(JsonNode node) => surroundings.Out.WriteLine(node.ToJsonString(CliFormat.Indented));

    /// <summary>Without trailing blanks.</summary>
    public string Render(IRenderable content)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = hasColour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false }, // A build server's would turn on ANSI.
        });
        console.Profile.Width = surroundings.IsTerminal ? surroundings.Width : Endless;
        console.Write(content);
        return string.Join('\n', text.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).TrimEnd('\n');
    }
}
