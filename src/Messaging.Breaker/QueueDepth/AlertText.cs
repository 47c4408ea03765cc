using System.Globalization;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Keys;

namespace Messaging.Breaker.QueueDepth;

/// <summary>The text of an alert, for the operator on call.</summary>
static class AlertText
{
    public static string Of(string rule, List<QueueWatch> queues, string? breaker, BreakerState? state)
    {
        var queue = queues[0];
        var forecast = queue.Forecast;
        var matter = rule switch
        {
            AlertRule.Depth => Text($"{queue.Reading.Ready:N0} messages wait{Drained(forecast)}"),
            AlertRule.Growth => Text($"grows by {forecast.Growth:0.#} messages a second{Rates(forecast)}"),
            AlertRule.Age => Text($"messages have waited for {Span(forecast.Age)}{Drained(forecast)}"),
            AlertRule.Loss => $"messages will be lost in {Span(queues.Min(loss => loss.TimeUntilExpectedLoss) ?? TimeSpan.Zero)} unless they are handled",
            AlertRule.Paused => $"paused for {Span(queues.Max(pause => pause.PausedFor) ?? TimeSpan.Zero)}",
            _ => Text($"{queues.Sum(waiting => waiting.Reading.Ready):N0} messages wait, the oldest for {Span(queues.Max(old => old.Forecast.Age))}"),
        };
        var behind = breaker is null ? "" : $" behind breaker '{breaker}' ({state})";
        return $"{Queues(queues)}{behind}: {matter}. {Explanation(queue, breaker, state)}";
    }

    public static string OfErrors(ErrorWatch errors, DependencyState? open)
    {
        var growth = errors.Growth is > 0 and var more
            ? Text($"{more:N0} more messages than {ErrorWatch.Window.TotalMinutes:0} minutes ago, {errors.Waiting:N0} in all")
            : Text($"{errors.Waiting:N0} messages");
        var largest = errors.Largest is { } kind ? $"; most often {kind}" : "";
        return $"Queue '{errors.Queue}': {growth}{largest}. "
            + (open is { } breaker ? $"Breaker '{breaker.Breaker}' was not closed in that time: {breaker.Reason}." : "Its endpoint's breakers were closed: this is not an outage that they detected.");
    }

    public static string OfKeys(KeyCondition keys, DateTimeOffset at)
    {
        var down = keys.Down switch
        {
            0 => "no key is down any more",
            1 => "1 key is down",
            var many => Text($"{many:N0} keys are down"),
        };
        var summary = keys.Summary;
        var oldest = summary.OldestParkedAt is { } parkedAt ? $", the oldest for at most {Span(at > parkedAt ? at - parkedAt : TimeSpan.Zero)}" : "";
        var waiting = summary.Parked is > 0 and var parked ? Text($"; {parked:N0} messages of keys wait{oldest}") : "";
        var names = string.Join("; ", keys.Worst.Select(KeyText.Describe));
        var more = keys.Down > keys.Worst.Count ? Text($"; and {keys.Down - keys.Worst.Count:N0} more") : "";
        return $"Breaker '{keys.Breaker}': {down}{waiting}. {(names.Length > 0 ? $"{names}{more}. " : "")}The other keys are served.";
    }

    public static string OfEscalation(AlertOutage outage, DateTimeOffset now) =>
        $"The breaker has not been closed since {Time(outage.Began)}, for {Span(now > outage.Began ? now - outage.Began : TimeSpan.Zero)}, and has reopened {Times(outage.Reopens)}.";

    public static string OfEnd(QueueAlertCleared cleared) => $"Over after {Span(cleared.Lasted)}{Cost(cleared.Alert, cleared.At)}.";

    /// <summary>The text that follows an alert's length; empty if there is none.</summary>
    public static string Cost(QueueAlert alert, DateTimeOffset at)
    {
        if (alert.Outage is not { } outage)
            return "";
        var end = outage.Ended ?? at;
        var waited = outage.MessagesDelayed is { } delayed ? Text($"{delayed:N0} messages waited") : "how many messages waited is not known";
        return $": breaker '{alert.Breaker}' was not closed for {Span(end > outage.Began ? end - outage.Began : TimeSpan.Zero)} and reopened {Times(outage.Reopens)}; {waited}, {Text($"at least {outage.CallsSpared:N0} calls were spared")}";
    }

    static string Times(int count) => count switch
    {
        0 => "never",
        1 => "once",
        _ => Text($"{count:N0} times"),
    };

    static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    static string Queues(List<QueueWatch> queues) =>
        queues.Count == 1 ? $"Queue '{queues[0].Name}'" : $"Queues {string.Join(", ", queues.Select(queue => $"'{queue.Name}'"))}";

    static string Explanation(QueueWatch queue, string? breaker, BreakerState? state)
    {
        if (breaker?.StartsWith(BreakerRegistry.EndpointPrefix, StringComparison.Ordinal) == true)
            return state == BreakerState.Closed
                ? "Messages are being handled again, and so is the backlog."
                : $"No delivered message can be handled: {queue.Endpoint.Cause?.Reason ?? "its own breaker is not closed"}.";
        if (breaker is not null)
            return state == BreakerState.Closed
                ? "The dependency is back and the backlog is being handled."
                : $"The dependency is the cause: {queue.Endpoint.Cause?.Reason ?? "its breaker is not closed"}.";
        if (queue.Endpoint.Hold is { } hold)
            return $"An operator holds the endpoint: {hold}.";
        return queue.Endpoint.Breakers.Count == 0
            ? "No breaker guards it."
            : $"Its breakers are closed ({string.Join(", ", queue.Endpoint.Breakers)}): its consumers are too slow, too few, or stopped.";
    }

    static string Drained(QueueForecast forecast) => forecast.TimeUntilDrained is { } time ? $", to be drained in {Span(time)}" : "";

    static string Rates(QueueForecast forecast) => forecast is { ArrivalRate: { } arrival, ServiceRate: { } service }
        ? Text($": {arrival:0.#} come in, {service:0.#} are handled")
        : "";

    static string Span(TimeSpan time) => time switch
    {
        { TotalMinutes: < 2 } => Text($"{time.TotalSeconds:0} s"),
        { TotalHours: < 2 } => Text($"{time.TotalMinutes:0} min"),
        _ => Text($"{time.TotalHours:0.#} h"),
    };

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
