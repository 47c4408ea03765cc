using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Messaging.Breaker.IntegrationTests.Telemetry;

/// <summary>Listens to the metrics of one host.</summary>
public sealed class Measured : IDisposable
{
    readonly MeterListener _listener = new();
    readonly ConcurrentQueue<Measurement> _measurements = new();
    readonly ConcurrentDictionary<string, Instrument> _instruments = new();

    public Measured(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != BreakerInstrumentation.MeterName || instrument.Meter.Scope != meters)
                return;
            _instruments[instrument.Name] = instrument;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IEnumerable<Instrument> Instruments => _instruments.Values;

    /// <summary>All measurements since the start, plus the observable values now.</summary>
    public IReadOnlyList<Measurement> All => [.. _measurements.Where(measurement => !_instruments[measurement.Metric].IsObservable), .. Observe()];

    /// <summary>The sum of the recorded or currently observed values that have at least these tags.</summary>
    public double Sum(string metric, params (string Name, string Value)[] tags) => Matching(metric, tags).Sum(measurement => measurement.Value);

    /// <summary>How many values were recorded.</summary>
    public int Count(string metric, params (string Name, string Value)[] tags) => Matching(metric, tags).Count();

    public void Dispose() => _listener.Dispose();

    IEnumerable<Measurement> Matching(string metric, (string Name, string Value)[] tags)
    {
        Assert.True(_instruments.ContainsKey(metric), $"No instrument is named '{metric}'.");
        return All.Where(measurement => measurement.Metric == metric
            && Array.TrueForAll(tags, tag => measurement.Tags.TryGetValue(tag.Name, out var value) && Equals(value, tag.Value)));
    }

    List<Measurement> Observe()
    {
        lock (_listener)
        {
            var before = _measurements.Count;
            _listener.RecordObservableInstruments();
            return [.. _measurements.Skip(before).Where(measurement => _instruments[measurement.Metric].IsObservable)];
        }
    }

    void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measurements.Enqueue(new Measurement(instrument.Name, value, tags.ToArray().ToDictionary()));

    public sealed record Measurement(string Metric, double Value, Dictionary<string, object?> Tags);
}
