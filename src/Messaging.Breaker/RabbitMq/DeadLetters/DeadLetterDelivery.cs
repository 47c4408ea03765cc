using System.Globalization;
using System.Text;
using MassTransit;
using Messaging.Breaker.DeadLetters;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>A delivery from a queue of dead letters.</summary>
sealed class DeadLetterDelivery : DeadLetter
{
    /// <summary>The headers that MassTransit adds when it moves a message there, in addition to <c>MT-Fault-</c>.</summary>
    static readonly HashSet<string> AddedByMove =
    [
        MessageHeaders.Reason, MessageHeaders.Host.MachineName, MessageHeaders.Host.ProcessName, MessageHeaders.Host.ProcessId, MessageHeaders.Host.Assembly,
        MessageHeaders.Host.AssemblyVersion, MessageHeaders.Host.MassTransitVersion, MessageHeaders.Host.FrameworkVersion, MessageHeaders.Host.OperatingSystemVersion,
    ];

    public required ulong Tag { get; init; }

    public required IReadOnlyBasicProperties Properties { get; init; }

    /// <summary>How often it has been returned; null if its queue does not count.</summary>
    public long? Returns => DeliveryCounts.Of(Properties);

    public override IEnumerable<KeyValuePair<string, string>> Headers =>
        (Properties.Headers ?? new Dictionary<string, object?>()).Select(header => KeyValuePair.Create(header.Key, TextOf(header.Value) ?? ""));

    /// <summary>The approximate size of the headers.</summary>
    public long HeaderBytes => Properties.Headers?.Values.Sum(value => value is byte[] text ? text.Length : 8) ?? 0;

    /// <summary>The body belongs to the client, and is only lent.</summary>
    public static DeadLetterDelivery Of(ulong tag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body) => new()
    {
        Tag = tag,
        Properties = properties,
        Fault = FaultDetails.Read(name => Find(properties, name), body.Span),
        MessageId = properties.MessageId ?? Find(properties, MessageHeaders.MessageId),
        BodyLength = body.Length,
        TimesRedriven = properties.Headers?.TryGetValue(RedriveHeaders.Times, out var times) == true ? QueueArguments.Number(times) ?? 0 : 0,
        Run = Find(properties, RedriveHeaders.Run),
    };

    /// <summary>The same message, unchanged.</summary>
    public BasicProperties ToCopy() => With(headers => headers.Where(header => !DeliveryCounts.IsOne(header.Key)).ToDictionary());

    /// <summary>The message as it first came to its queue, marked as redriven.</summary>
    public BasicProperties ToRedriven(Guid run) => With(headers =>
    {
        var kept = headers
            .Where(header => !DeliveryCounts.IsOne(header.Key) && !AddedByMove.Contains(header.Key)
                && !header.Key.StartsWith("MT-Fault-", StringComparison.Ordinal))
            .ToDictionary();
        kept[RedriveHeaders.Times] = TimesRedriven + 1;
        kept[RedriveHeaders.Run] = run.ToString("N");
        return kept;
    });

    BasicProperties With(Func<IDictionary<string, object?>, Dictionary<string, object?>> headers) =>
        new(Properties) { Headers = headers(Properties.Headers ?? new Dictionary<string, object?>()) };

    static string? Find(IReadOnlyBasicProperties properties, string name) => properties.Headers?.TryGetValue(name, out var value) == true ? TextOf(value) : null;

    static string? TextOf(object? value) => value switch
    {
        null => null,
        byte[] text => Encoding.UTF8.GetString(text),
        string text => text,
        AmqpTimestamp seconds => DateTimeOffset.UnixEpoch.AddSeconds(seconds.UnixTime).ToString("O", CultureInfo.InvariantCulture),
        System.Collections.IDictionary or System.Collections.IList => "(a table or a list)",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
