using Microsoft.Extensions.Logging;

namespace Messaging.Breaker;

/// <summary>Everything the dashboard logs. Event ids are stable, from 200 on.</summary>
static partial class Log
{
    public const string Category = "Messaging.Breaker.Dashboard";

    [LoggerMessage(200, LogLevel.Information, "{Who} steered by the dashboard: {Action} {Kind} {Target}: {Reason}")]
    public static partial void Steered(this ILogger log, string who, string action, string kind, string target, string reason);

    [LoggerMessage(201, LogLevel.Warning, "The dashboard refused {Who} to steer ({Method} {Path}): {Problem}")]
    public static partial void SteeringRefused(this ILogger log, string who, string method, string path, string problem);

    [LoggerMessage(202, LogLevel.Debug, "The dashboard refused {Who} to read ({Method} {Path}): {Problem}")]
    public static partial void ReadingRefused(this ILogger log, string who, string method, string path, string problem);
}
