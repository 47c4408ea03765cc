using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.Output;

/// <summary>The output of "watch".</summary>
interface IWatchView : IDisposable
{
    void Show(FleetView view);

    /// <summary>The source is out of reach at the moment.</summary>
    void Lose(string problem);
}

/// <summary>Each view as one line of JSON.</summary>
sealed class JsonLines(Printer printer) : IWatchView
{
    public void Show(FleetView view) => printer.PrintJsonLine(view, CliFormat.Printed.FleetView);

    public void Lose(string problem)
    {
        // The next line has its time.
    }

    public void Dispose()
    {
        // There is nothing to restore.
    }
}
