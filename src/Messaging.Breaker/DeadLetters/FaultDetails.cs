using System.Globalization;
using System.IO.Hashing;
using System.Text;
using MassTransit;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.DeadLetters;

/// <summary>The details of a failure, from MassTransit's headers on the message or, where they are missing, from the body.</summary>
sealed record FaultDetails
{
    const int LongestText = 500;
    const int LongestName = 300;

    public required string? Exception { get; init; }

    public required string? MessageType { get; init; }

    /// <summary>Without its variable parts.</summary>
    public required string Text { get; init; }

    public required DateTimeOffset? At { get; init; }

    public required string? Consumer { get; init; }

    public required string? Host { get; init; }

    /// <summary>The address of the queue in which the message failed.</summary>
    public required string? InputAddress { get; init; }

    /// <summary>Equal for failures with the same exception, message type and text.</summary>
    public string Key => field ??= XxHash64.HashToUInt64(Encoding.UTF8.GetBytes($"{Exception}\n{MessageType}\n{Text}")).ToString("x16", CultureInfo.InvariantCulture);

    public static FaultDetails Read(Func<string, string?> header, ReadOnlySpan<byte> body) => new()
    {
        Exception = Name(header(MessageHeaders.FaultExceptionType)),
        MessageType = Name(header(MessageHeaders.FaultMessageType) ?? header(MessageHeaders.MessageType) ?? EnvelopeReader.MessageTypeOf(body)),
        Text = VariableParts.Remove(OneLine.Of(header(MessageHeaders.FaultMessage) ?? ReasonOf(header), LongestText)),
        At = DateTimeOffset.TryParse(
            header(MessageHeaders.FaultTimestamp), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null,
        Consumer = Name(header(MessageHeaders.FaultConsumerType)),
        Host = Name(header(MessageHeaders.Host.MachineName)),
        InputAddress = header(MessageHeaders.FaultInputAddress),
    };

    /// <summary>No consumer handles such a message, so it is skipped.</summary>
    public static FaultDetails OfSkipped { get; } = Read(name => name == MessageHeaders.Reason ? "no consumer of the endpoint handles it" : null, []);

    /// <summary>A failure that is seen before MassTransit has written its headers.</summary>
    public static FaultDetails Of(Exception exception)
    {
        var cause = exception.GetBaseException();
        return new FaultDetails
        {
            Exception = Name(cause.GetType().FullName),
            MessageType = null,
            Text = VariableParts.Remove(OneLine.Of(cause.Message, LongestText)),
            At = null,
            Consumer = null,
            Host = null,
            InputAddress = null,
        };
    }

    /// <summary>A skipped message has only this header; the value "fault" says nothing.</summary>
    static string ReasonOf(Func<string, string?> header) => header(MessageHeaders.Reason) is { } reason and not "fault" ? reason : "";

    static string? Name(string? name) => string.IsNullOrWhiteSpace(name) ? null : OneLine.Of(name, LongestName);
}
