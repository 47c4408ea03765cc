using System.Collections.Concurrent;
using System.Diagnostics;

namespace Messaging.Breaker.IntegrationTests.Telemetry;

/// <summary>The spans of MassTransit and of this library, as an exporter sees them: at the moment when they end.</summary>
public sealed class Spans : IDisposable
{
    readonly ActivitySource _source = new($"test-{Guid.NewGuid():N}");
    readonly ActivityListener _listener = new() { Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded };
    readonly ConcurrentQueue<Span> _ended = new();
    readonly Activity _test;

    public Spans()
    {
        _listener.ShouldListenTo = source => source == _source || source.Name is "MassTransit" or BreakerInstrumentation.ActivitySourceName;
        _listener.ActivityStopped = activity => _ended.Enqueue(new Span(
            activity.OperationName, activity.Source.Name, activity.TraceId, activity.Status, activity.Duration, activity.TagObjects.ToDictionary()));
        ActivitySource.AddActivityListener(_listener);
        _test = _source.StartActivity("test")!;
    }

    /// <summary>The spans of this test's trace, which show what happened to its messages.</summary>
    public IReadOnlyList<Span> OfTrace => [.. _ended.Where(span => span.Trace == _test.TraceId)];

    /// <summary>The spans of that name in any trace, because spans that no message caused have their own.</summary>
    public IReadOnlyList<Span> Named(string name) => [.. _ended.Where(span => span.Name == name)];

    public void Dispose()
    {
        _test.Dispose();
        _listener.Dispose();
        _source.Dispose();
    }

    public sealed record Span(
        string Name, string Source, ActivityTraceId Trace, ActivityStatusCode Status, TimeSpan Duration, Dictionary<string, object?> Tags)
    {
        public bool IsReceive => Source == "MassTransit" && Name.EndsWith(" receive", StringComparison.Ordinal);

        public bool IsProcess => Source == "MassTransit" && Name.EndsWith(" process", StringComparison.Ordinal);
    }
}
