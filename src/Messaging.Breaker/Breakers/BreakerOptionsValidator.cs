using System.Globalization;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Breakers;

/// <summary>Checks every option's range and the relations between them; each message names breaker, option, value and remedy.</summary>
sealed class BreakerOptionsValidator : IValidateOptions<BreakerOptions>
{
    static readonly TimeSpan Day = TimeSpan.FromDays(1);
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, BreakerOptions options)
    {
        var check = new Check(name ?? "");

        check.Ratio(nameof(options.FailureRatio), options.FailureRatio);
        check.Range(nameof(options.MinimumThroughput), options.MinimumThroughput, 1, 1_000_000);
        check.Range(nameof(options.ConsecutiveFailures), options.ConsecutiveFailures, 1, 1_000_000);
        check.Range(nameof(options.SamplingDuration), options.SamplingDuration, TimeSpan.FromMilliseconds(100), Hour);
        check.Range(nameof(options.WindowCalls), options.WindowCalls, 10, 10_000_000);
        check.Range(nameof(options.SlowCallDuration), options.SlowCallDuration, TimeSpan.FromMilliseconds(1), Hour);
        check.Ratio(nameof(options.SlowCallRatio), options.SlowCallRatio);
        check.Range(nameof(options.BreakDuration), options.BreakDuration, TimeSpan.FromMilliseconds(10), Day);
        check.Range(nameof(options.MaxBreakDuration), options.MaxBreakDuration, TimeSpan.FromMilliseconds(10), Day);
        check.Range(nameof(options.BreakGrowth), options.BreakGrowth, 1.0, 10.0);
        check.Range(nameof(options.Probes), options.Probes, 1, 1_000);
        check.Range(nameof(options.ProbeConcurrency), options.ProbeConcurrency, 1, 1_000);
        check.Ratio(nameof(options.ProbeSuccessRatio), options.ProbeSuccessRatio);
        check.Range(nameof(options.ProbeTimeout), options.ProbeTimeout, TimeSpan.FromMilliseconds(100), Hour);
        check.Range(nameof(options.DrainTimeout), options.DrainTimeout, TimeSpan.FromMilliseconds(100), Hour);
        check.Range(nameof(options.MaxHold), options.MaxHold, TimeSpan.FromMilliseconds(100), Hour);
        check.Range(nameof(options.RetestDelay), options.RetestDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5));
        check.Range(nameof(options.MaxProbeFailures), options.MaxProbeFailures, 1, 1_000_000);
        check.Range(nameof(options.MaxKeys), options.MaxKeys, 10, 10_000_000);
        check.Range(nameof(options.MaxParked), options.MaxParked, 1, 10_000);
        check.Ratio(nameof(options.KeyShare), options.KeyShare);
        check.That(Enum.IsDefined(options.Mode), nameof(options.Mode), options.Mode, $"use one of {string.Join(", ", Enum.GetNames<BreakerMode>())}");

        check.That(
            options.WindowCalls >= options.MinimumThroughput,
            nameof(options.WindowCalls),
            options.WindowCalls,
            $"must be at least {nameof(options.MinimumThroughput)} ({options.MinimumThroughput}), or the ratios would never apply");
        check.That(
            options.SlowCallDuration.HasValue == options.SlowCallRatio.HasValue,
            options.SlowCallDuration.HasValue ? nameof(options.SlowCallRatio) : nameof(options.SlowCallDuration),
            "not set",
            $"{nameof(options.SlowCallDuration)} and {nameof(options.SlowCallRatio)} go together; set both or neither");
        check.That(
            options.MaxBreakDuration >= options.BreakDuration,
            nameof(options.MaxBreakDuration),
            options.MaxBreakDuration,
            $"must not be shorter than {nameof(options.BreakDuration)} ({options.BreakDuration}); raise it or shorten the first break");
        check.That(
            options.ProbeConcurrency is null || options.ProbeConcurrency <= options.Probes,
            nameof(options.ProbeConcurrency),
            options.ProbeConcurrency,
            $"must not exceed {nameof(options.Probes)} ({options.Probes})");
        return check.Result;
    }

    sealed class Check(string breaker)
    {
        readonly List<string> _failures = [];

        public ValidateOptionsResult Result => _failures.Count > 0 ? ValidateOptionsResult.Fail(_failures) : ValidateOptionsResult.Success;

        public void Ratio(string option, double? value) =>
            That(value is null or (> 0 and <= 1), option, value, "must be above 0 and at most 1");

        public void Range<T>(string option, T? value, T min, T max) where T : struct, IComparable<T> =>
            That(
                value is not { } present || (present.CompareTo(min) >= 0 && present.CompareTo(max) <= 0),
                option,
                value,
                string.Create(CultureInfo.InvariantCulture, $"must be from {min} to {max}"));

        public void That(bool holds, string option, object? value, string demand)
        {
            if (!holds)
                _failures.Add(string.Create(CultureInfo.InvariantCulture, $"Breaker '{breaker}': {option} is {value}: {demand}."));
        }
    }
}
