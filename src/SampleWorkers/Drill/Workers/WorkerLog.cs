using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace SampleWorkers.Drill.Workers;

/// <summary>Reads the output of a worker process: the JSON records of its log, and anything else that it writes.</summary>
sealed class WorkerLog(string worker, FleetLog logs)
{
    static readonly JsonSerializerOptions Json = new() { RespectRequiredConstructorParameters = true, Converters = { new JsonStringEnumConverter() } };

    readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when its bus has started and it consumes.</summary>
    public Task Started => _started.Task;

    public string? LastWarning { get; private set; }

    public async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
            Add(TryParse(line) ?? new Record(DateTimeOffset.UtcNow, LogLevel.Warning, line));
    }

    void Add(Record record)
    {
        if (record.Message.StartsWith("Application started", StringComparison.Ordinal))
            _started.TrySetResult();
        var text = record.Exception is null ? record.Message : $"{record.Message}: {record.Exception}";
        if (record.LogLevel >= LogLevel.Warning)
            LastWarning = text;
        logs.Add(worker, record.Timestamp, record.LogLevel, text);
    }

    static Record? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Record>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    sealed record Record(DateTimeOffset Timestamp, LogLevel LogLevel, string Message, string? Exception = null);
}
