using System.Collections.Immutable;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Windows;

/// <summary>
/// The windows of the configuration, the code and the fleet, and how far each has come. Anyone may read them. Only the holder of the
/// <see cref="Lock"/> may change them.
/// </summary>
sealed class KnownWindows(WindowReader reader, FleetWindows fleet, TimeProvider time)
{
    /// <summary>How long a window that was added at run time is kept after its end.</summary>
    static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    static readonly TimeSpan AnnounceAdded = TimeSpan.FromMinutes(15);

    /// <summary>How often to read again if nobody reports a change.</summary>
    static readonly TimeSpan Rereading = TimeSpan.FromMinutes(5);

    volatile IReadOnlyList<WindowDefinition> _declared = reader.Read();
    ImmutableDictionary<string, WindowEntry> _added = ImmutableDictionary<string, WindowEntry>.Empty;
    ImmutableDictionary<string, WindowEntry> _marks = ImmutableDictionary<string, WindowEntry>.Empty;
    DateTimeOffset? _readAt;

    public AsyncLock Lock { get; } = new();

    public IEnumerable<WindowDefinition> All => _declared.Concat(_added.Values.Where(plan => !plan.IsRemoved).Select(Define));

    /// <summary>How many windows were added at run time and are not over.</summary>
    public int Added => _added.Values.Count(plan => IsAhead(plan));

    bool IsStale => !(time.GetUtcNow() - _readAt < Rereading);

    /// <summary>Whether a window that is on now holds the endpoint, or isolates a breaker that may guard it.</summary>
    public bool IsWithin(string endpoint)
    {
        var now = time.GetUtcNow();
        return All.Any(window => (window.Endpoint is null || string.Equals(window.Endpoint, endpoint, StringComparison.OrdinalIgnoreCase))
            && window.Schedule.Around(now).Any(span => span.Start <= now && now < span.End));
    }

    /// <summary>When a window is next announced, begins or ends; null for never.</summary>
    public DateTimeOffset? Next(DateTimeOffset now) => All
        .SelectMany(window => window.Schedule.Around(now).SelectMany(span => new[] { span.Start - window.AnnounceBefore, span.Start, span.End }))
        .Where(moment => moment > now).Cast<DateTimeOffset?>().Min();

    /// <summary>The steps that are due now and that no instance has done.</summary>
    /// <param name="now">The time.</param>
    /// <param name="has">Whether this process has the endpoint or breaker of a window.</param>
    public List<WindowStep> Due(DateTimeOffset now, Func<PlannedWindow, bool> has) =>
        [.. All.SelectMany(window => Due(window, now, has))];

    /// <summary>Records that a step was done.</summary>
    /// <returns>The entry for the store.</returns>
    public WindowEntry Mark(WindowStep step)
    {
        var (name, start) = (step.Window.Name, step.Window.Start);
        var mark = _marks.GetValueOrDefault(name) ?? new WindowEntry { Name = name };
        mark = step.Event switch
        {
            WindowEvent.Announced => mark with { Announced = start },
            WindowEvent.Began => mark with { Began = Latest(start, mark.Began) },
            _ => mark with { Ended = start },
        };
        _marks = _marks.SetItem(name, mark);
        return mark;
    }

    /// <summary>A window that was added at run time and is not over; null if there is none of that name.</summary>
    public WindowEntry? FindAdded(string name) => _added.GetValueOrDefault(name) is { } plan && IsAhead(plan) ? plan : null;

    public void Set(WindowEntry plan)
    {
        var forgotten = _added.Values.Where(known => known.End <= time.GetUtcNow() - Kept).Select(known => known.Name);
        _added = _added.RemoveRange(forgotten).SetItem(plan.Name, plan);
    }

    /// <summary>Takes over the windows that the configuration has now.</summary>
    /// <returns>Windows that have begun and that the configuration no longer has.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A window is invalid. Nothing has changed.</exception>
    public IReadOnlyList<PlannedWindow> Reload()
    {
        var declared = reader.Read();
        var now = time.GetUtcNow();
        var gone = _declared.Where(known => declared.All(window => window.Name != known.Name))
            .SelectMany(window => window.Schedule.Around(now).Where(span => span.Start <= now).Select(window.At)).ToList();
        _declared = declared;
        return gone;
    }

    /// <summary>Somebody in the fleet has changed the windows.</summary>
    public void Outdate() => _readAt = null;

    /// <summary>Reads the windows of the fleet unless they were read recently.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) =>
        fleet.IsShared && IsStale ? TryReadAsync(cancellationToken) : Task.CompletedTask;

    /// <returns>False if the store does not answer.</returns>
    public async Task<bool> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (!fleet.IsShared)
            return;
        var now = time.GetUtcNow();
        var entries = await fleet.ReadAsync(cancellationToken).ConfigureAwait(false);
        _readAt = now;
        _added = entries.Where(entry => entry.IsPlan && entry.End > now - Kept).DistinctBy(entry => entry.Name).ToImmutableDictionary(entry => entry.Name);
        foreach (var mark in entries.Where(entry => !entry.IsPlan))
            // The store may not have what this instance did while the store was away.
            _marks = _marks.SetItem(mark.Name, _marks.GetValueOrDefault(mark.Name) is not { } known ? mark : mark with
            {
                Announced = Latest(mark.Announced, known.Announced),
                Began = Latest(mark.Began, known.Began),
                Ended = Latest(mark.Ended, known.Ended),
            });
    }

    public static WindowDefinition Define(WindowEntry plan) => new(
        plan.Name, plan.Breaker, plan.Endpoint, new WindowSchedule(plan.Start!.Value, plan.End!.Value), plan.Reason, AnnounceAdded)
    {
        By = plan.By,
        IsRemovable = true,
    };

    IEnumerable<WindowStep> Due(WindowDefinition window, DateTimeOffset now, Func<PlannedWindow, bool> has)
    {
        var mark = _marks.GetValueOrDefault(window.Name);
        foreach (var span in window.Schedule.Around(now).Where(span => has(window.At(span))))
            if (span.Start <= now && !(mark?.Began >= span.Start))
                yield return new WindowStep(WindowEvent.Began, window.At(span));
            else if (span.Start > now && window.AnnounceBefore > TimeSpan.Zero && span.Start - window.AnnounceBefore <= now && !(mark?.Announced >= span.Start))
                yield return new WindowStep(WindowEvent.Announced, window.At(span));

        // A window that has begun, and whose end nobody has reported yet.
        if (mark?.Began is { } began && !(mark.Ended >= began)
            && window.Schedule.Around(began).Where(span => span.Start == began).Select(window.At).FirstOrDefault() is { } begun && begun.End <= now && has(begun))
            yield return new WindowStep(WindowEvent.Ended, begun);
    }

    bool IsAhead(WindowEntry plan) => !plan.IsRemoved && plan.End > time.GetUtcNow();

    static DateTimeOffset? Latest(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;
}

/// <summary>An event, and the window to which it happens.</summary>
readonly record struct WindowStep(WindowEvent Event, PlannedWindow Window);
