using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Dashboard.Tests.Secrets;

/// <summary>Records everything that a process emits: all logs with their exceptions, and metrics and traces with their tags.</summary>
sealed class Eavesdropper : ILoggerProvider, ILogger
{
    readonly ConcurrentQueue<string> _heard = new();
    readonly MeterListener _meters = new();
    readonly ActivityListener _spans;

    public Eavesdropper()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            Hear($"{instrument.Meter.Name} {instrument.Name} {instrument.Description}");
            listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => HearTags(instrument.Name, tags.ToArray()));
        _meters.SetMeasurementEventCallback<int>((instrument, _, tags, _) => HearTags(instrument.Name, tags.ToArray()));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => HearTags(instrument.Name, tags.ToArray()));
        _meters.Start();
        _spans = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                HearTags($"{span.DisplayName} {span.StatusDescription}", span.TagObjects);
                foreach (var happened in span.Events)
                    HearTags(happened.Name, happened.Tags);
            },
        };
        ActivitySource.AddActivityListener(_spans);
    }

    public IReadOnlyCollection<string> Heard => _heard;

    public void Hear(string text) => _heard.Enqueue(text);

    public void ReadGauges() => _meters.RecordObservableInstruments();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull
    {
        Hear($"{state}");
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Hear($"{formatter(state, exception)} {exception}");
        if (state is IEnumerable<KeyValuePair<string, object?>> values)
            HearTags(eventId.Name ?? "", values);
    }

    public void Dispose()
    {
        _meters.Dispose();
        _spans.Dispose();
    }

    void HearTags(string name, IEnumerable<KeyValuePair<string, object?>> tags) => Hear($"{name} {string.Join(' ', tags)}");
}
