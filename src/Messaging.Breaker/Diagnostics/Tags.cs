namespace Messaging.Breaker.Diagnostics;

/// <summary>
/// The attributes of metrics and spans: OpenTelemetry's, where its conventions have one. Metrics use only those with few values.
/// </summary>
static class Tags
{
    public const string Endpoint = "messaging.destination.name";
    public const string ErrorType = "error.type";

    public const string Breaker = "messaging.breaker.name";
    public const string State = "messaging.breaker.state";
    public const string Mode = "messaging.breaker.mode";
    public const string Cause = "messaging.breaker.cause";
    public const string Outcome = "messaging.breaker.outcome";
    public const string Verdict = "messaging.breaker.verdict";
    public const string RenewalReason = "messaging.breaker.renewal.reason";
    public const string EndpointState = "messaging.breaker.endpoint.state";
    public const string AlertRule = "messaging.breaker.alert.rule";
    public const string AlertSeverity = "messaging.breaker.alert.severity";

    // Only on spans: texts and flags.
    public const string PreviousState = "messaging.breaker.previous_state";
    public const string Reason = "messaging.breaker.reason";
    public const string Returned = "messaging.breaker.returned";

    public static KeyValuePair<string, object?> Of(string name, object? value) => new(name, value);
}
