using System.Globalization;
using Cronos;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Messaging.Breaker.Windows;

/// <summary>
/// Reads the windows from the configuration and from code; each problem names the window, the option, its value and the remedy.
/// </summary>
sealed class WindowReader(BreakersSection section, IEnumerable<WindowDeclaration> declared, BreakerRegistry breakers)
{
    const int LongestName = 255;
    const int LongestShown = 100;
    static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss"];

    /// <summary>Calls back when the configuration has changed; null if there is none.</summary>
    public IDisposable? OnChange(Action changed) => section.Source is { } configuration ? ChangeToken.OnChange(configuration.GetReloadToken, changed) : null;

    /// <exception cref="OptionsValidationException">A window is invalid.</exception>
    public IReadOnlyList<WindowDefinition> Read()
    {
        var options = new Dictionary<string, PlannedWindowOptions>(StringComparer.OrdinalIgnoreCase);
        foreach (var window in declared)
            window.Configure(options.TryGetValue(window.Name, out var known) ? known : options[window.Name] = new PlannedWindowOptions());
        foreach (var configured in section.WindowSections())
        {
            if (!options.TryGetValue(configured.Key, out var window))
                options.Add(configured.Key, window = new PlannedWindowOptions());
            if (configured.ReadInto(window) is { } problem)
                throw Invalid([$"Window '{OneLine.Of(configured.Key, LongestShown)}': section {configured.Path} cannot be read: {problem}."]);
        }

        var problems = new List<string>();
        var windows = options.OrderBy(window => window.Key, StringComparer.Ordinal).Select(window => Read(window.Key, window.Value, problems)).OfType<WindowDefinition>().ToList();
        return problems.Count == 0 ? windows : throw Invalid(problems);
    }

    static OptionsValidationException Invalid(IEnumerable<string> problems) => new("Windows", typeof(PlannedWindowOptions), problems);

    WindowDefinition? Read(string name, PlannedWindowOptions options, List<string> problems)
    {
        var before = problems.Count;
        if (!BreakerNames.IsWellFormed(name))
            Refuse("its name", OneLine.Of(name, LongestShown), BreakerNames.Form);
        if ((options.Breaker is null) == (options.Endpoint is null))
            Refuse(nameof(options.Breaker), options.Breaker, $"give either {nameof(options.Breaker)} or {nameof(options.Endpoint)}");
        else if (options.Breaker is { } breaker && breakers.Find(breaker) is null)
            Refuse(nameof(options.Breaker), breaker, $"there is no such breaker; known breakers: {breakers.KnownNames}");
        else if (options.Endpoint is { Length: 0 or > LongestName })
            Refuse(nameof(options.Endpoint), options.Endpoint, $"must have 1 to {LongestName} characters");
        if (string.IsNullOrWhiteSpace(options.Reason))
            Refuse(nameof(options.Reason), options.Reason, "say why, for the operator on call");
        if (options.AnnounceBefore < TimeSpan.Zero || options.AnnounceBefore > Longest)
            Refuse(nameof(options.AnnounceBefore), options.AnnounceBefore, $"must be from 0 to {Longest.Days} days");
        if (options.Duration is { } duration && (duration < TimeSpan.FromSeconds(1) || duration > Longest))
            Refuse(nameof(options.Duration), duration, $"must be from 1 s to {Longest.Days} days");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone ?? "", out var zone))
            Refuse(nameof(options.TimeZone), options.TimeZone, "is not a time zone known to this machine; use a name from the IANA database, such as Europe/Berlin");
        if (problems.Count > before)
            return null;
        var schedule = options.Cron is { } cron ? Repeated(cron) : Once();
        return schedule is null ? null : new WindowDefinition(name, options.Breaker, options.Endpoint, schedule, OneLine.Reason(options.Reason, $"window '{name}'"), options.AnnounceBefore)
        {
            Cron = options.Cron,
            TimeZone = options.Cron is null ? null : options.TimeZone,
        };

        WindowSchedule? Repeated(string expression)
        {
            if (options.Start is not null || options.End is not null)
                return Refuse(nameof(options.Cron), expression, $"goes with {nameof(options.Duration)}, not with {nameof(options.Start)} or {nameof(options.End)}");
            if (options.Duration is not { } length)
                return Refuse(nameof(options.Duration), null, $"{nameof(options.Cron)} needs it: say how long the window lasts");
            try
            {
                // With a random hour, each instance would have a different one.
                return expression.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(field => field.StartsWith('H'))
                    ? Refuse(nameof(options.Cron), expression, "must not leave the time to a random choice (H)")
                    : new WindowSchedule(CronExpression.Parse(expression), zone!, length);
            }
            catch (CronFormatException exception)
            {
                return Refuse(nameof(options.Cron), OneLine.Of(expression, LongestShown), $"is not a cron expression ({exception.Message.TrimEnd('.')}); give minute, hour, day of the month, month and day of the week, as in 0 2 * * SUN");
            }
        }

        WindowSchedule? Once()
        {
            if (options.Start is null)
                return Refuse(nameof(options.Start), null, $"give {nameof(options.Start)} with {nameof(options.End)}, or {nameof(options.Cron)} with {nameof(options.Duration)}");
            if ((options.End is null) == (options.Duration is null))
                return Refuse(nameof(options.End), options.End, $"give either {nameof(options.End)} or {nameof(options.Duration)}");
            if (Moment(options.Start, zone!) is not { } start)
                return Refuse(nameof(options.Start), OneLine.Of(options.Start, LongestShown), "must be a time such as 2026-03-01T02:00 or 2026-03-01T02:00+01:00");
            if ((options.End is { } text ? Moment(text, zone!) : start + options.Duration) is not { } end)
                return Refuse(nameof(options.End), OneLine.Of(options.End!, LongestShown), "must be a time such as 2026-03-01T04:00 or 2026-03-01T04:00+01:00");
            return end > start && end - start <= Longest ? new WindowSchedule(start, end)
                : Refuse(nameof(options.End), options.End, $"must come after {nameof(options.Start)}, by at most {Longest.Days} days");
        }

        WindowSchedule? Refuse(string option, object? value, string demand)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"Window '{OneLine.Of(name, LongestShown)}': {option} is {value ?? "not set"}: {demand}."));
            return null;
        }
    }

    /// <summary>A local time that is skipped moves to right after the clock change; of one that comes twice, the first counts.</summary>
    static DateTimeOffset? Moment(string text, TimeZoneInfo zone)
    {
        if (DateTime.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            if (zone.IsInvalidTime(local))
                return new DateTimeOffset(local, zone.GetUtcOffset(local.AddDays(-1))).ToUniversalTime();
            return new DateTimeOffset(local, zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local)).ToUniversalTime();
        }

        return text.Length > "yyyy-MM-dd".Length && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind | DateTimeStyles.AssumeUniversal, out var moment)
            ? moment.ToUniversalTime() : null;
    }
}

/// <summary>The windows from code.</summary>
sealed record WindowDeclaration(string Name, Action<PlannedWindowOptions> Configure);
