using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.Output;

/// <summary>The changes from one view to the next.</summary>
sealed class Changes
{
    readonly Dictionary<string, string> _known = [];

    /// <summary>A line for each breaker and endpoint that has changed; at first, for each that is not in its usual state.</summary>
    public IReadOnlyList<string> Take(FleetView view, TimeZoneInfo zone)
    {
        var isFirst = _known.Count == 0;
        var lines = new List<string>();
        foreach (var breaker in view.Breakers)
            Note($"breaker {breaker.Name}", StatusSheet.StateOf(breaker), isUsual: breaker.IsClosed, StatusSheet.ReasonOf(breaker));
        foreach (var endpoint in view.Endpoints ?? [])
            Note($"endpoint {endpoint.Name}", endpoint.Hold is null ? endpoint.State : $"{endpoint.State} (held)", isUsual: endpoint.State == nameof(EndpointState.Running), endpoint.Hold?.Reason);
        return lines;

        void Note(string subject, string state, bool isUsual, string? reason)
        {
            var before = _known.GetValueOrDefault(subject);
            _known[subject] = state;
            if (before == state || (isUsual && before is null && isFirst))
                return;
            var change = before is null ? state : $"{before} -> {state}";
            lines.Add(Words.Legible($"{Words.Of(view.At, zone)}  {subject}: {change}{(string.IsNullOrEmpty(reason) ? "" : $": {reason}")}"));
        }
    }
}
