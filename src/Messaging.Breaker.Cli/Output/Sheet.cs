using Spectre.Console;
using Spectre.Console.Rendering;

namespace Messaging.Breaker.Cli.Output;

/// <summary>A table without lines, and the texts around it. Foreign text is never markup, and no terminal interprets it.</summary>
static class Sheet
{
    public static readonly Style Plain = Style.Plain;
    public static readonly Style Faint = new(decoration: Decoration.Dim);
    static readonly Style Good = new(Color.Green);
    static readonly Style Bad = new(Color.Red);
    static readonly Style Between = new(Color.Yellow);
    static readonly Style Held = new(Color.Magenta1);

    /// <param name="columns">The headings; one that begins with '&gt;' is for numbers. The last column takes the rest of the line, and only it
    /// is broken.</param>
    public static Table Of(params string[] columns)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (var column in columns)
        {
            var isLast = column == columns[^1];
            table.AddColumn(new TableColumn(new Text(column.TrimStart('>'), Faint))
            {
                NoWrap = !isLast,
                Padding = new Padding(0, 0, isLast ? 0 : 2, 0),
                Alignment = column[0] == '>' ? Justify.Right : Justify.Left,
            });
        }

        return table;
    }

    public static Text Cell(string? text, Style? style = null) => new(Words.Legible(text ?? ""), style ?? Plain);

    public static Text Line(string text, Style? style = null) => new(text, style ?? Plain);

    public static IRenderable Blank { get; } = new Text(" ");

    /// <summary>The text alone says it; colour only helps.</summary>
    public static Style StyleOf(string state) => state switch
    {
        nameof(BreakerState.Closed) or nameof(EndpointState.Running) => Good,
        nameof(BreakerState.Open) or nameof(EndpointState.Paused) or nameof(AlertSeverity.Critical) => Bad,
        nameof(BreakerState.HalfOpen) or nameof(EndpointState.Limited) or nameof(AlertSeverity.Warning) => Between,
        nameof(BreakerState.Isolated) => Held,
        _ => Plain,
    };
}
