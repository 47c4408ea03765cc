using System.Globalization;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.QueueDepth;

/// <summary>Checks the options; each message names option, value and remedy, but never an address or a secret.</summary>
sealed class QueueDepthOptionsValidator : IValidateOptions<QueueDepthOptions>
{
    static readonly TimeSpan Day = TimeSpan.FromDays(1);
    const int LongestShown = 40;

    static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(10);
    static readonly TimeSpan LongestThreshold = TimeSpan.FromDays(3_650);
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, QueueDepthOptions options)
    {
        var check = new Checks();
        check.Range(nameof(options.SamplingInterval), options.SamplingInterval, ShortestInterval, LongestInterval);
        check.Range(nameof(options.StaleAfter), options.StaleAfter, Within(options.SamplingInterval, ShortestInterval, LongestInterval) * 2, Hour);
        check.Range(nameof(options.Smoothing), options.Smoothing, TimeSpan.FromSeconds(1), Hour);
        foreach (var queue in options.Queues)
            check.Name(nameof(options.Queues), queue);
        check.Address(nameof(options.BrokerAddress), options.BrokerAddress, "amqp://user:password@host:5672/vhost", "amqp", "amqps");
        check.Address(nameof(options.ManagementAddress), options.ManagementAddress, "http://host:15672/", "http", "https");
        check.Webhook(nameof(options.Webhook), options.Webhook);
        check.Escalation(nameof(options.Escalation), options.Escalation);
        var areWhole = check.IsWhole(nameof(options.Rules), options.Rules);
        if (!areWhole)
            return check.Result;
        check.Rules(nameof(options.Rules), options.Rules);
        foreach (var (queue, own) in options.Overrides)
        {
            check.Name(nameof(options.Overrides), queue);
            var path = $"{nameof(options.Overrides)}:{OneLine.Of(queue, LongestShown)}";
            if (check.IsWhole(path, own))
                check.Rules(path, options.RulesOf(queue));
        }

        return check.Result;
    }

    static TimeSpan Within(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;

    sealed class Checks
    {
        readonly List<string> _failures = [];

        public ValidateOptionsResult Result => _failures.Count > 0 ? ValidateOptionsResult.Fail(_failures) : ValidateOptionsResult.Success;

        public void Webhook(string path, QueueWebhookOptions webhook)
        {
            Address($"{path}:{nameof(webhook.Address)}", webhook.Address, "https://host/path", "http", "https");
            That(
                webhook.Address is null || WebhookSignature.KeyOf(webhook.Secret) is not null,
                $"{path}:{nameof(webhook.Secret)}",
                "not a valid key",
                "give 24 to 64 random bytes in base64, for example from: openssl rand -base64 32");
            Range($"{path}:{nameof(webhook.Attempts)}", webhook.Attempts, 1, 20);
            Range($"{path}:{nameof(webhook.Timeout)}", webhook.Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        }

        public void Escalation(string path, DependencyEscalation escalation)
        {
            Range($"{path}:{nameof(escalation.Reopens)}", escalation.Reopens ?? 1, 1, 1_000_000);
            Range($"{path}:{nameof(escalation.After)}", escalation.After ?? Day, TimeSpan.FromSeconds(1), 30 * Day);
        }

        public void Name(string option, string? queue) => That(
            queue is { Length: > 0 and <= 255 },
            option,
            queue is null ? "null" : $"'{OneLine.Of(queue, LongestShown)}', of {queue.Length} characters",
            "give names of 1 to 255 characters");

        /// <summary>Nothing in it is null.</summary>
        public bool IsWhole(string path, QueueAlertRules? rules)
        {
            var missing = rules is null ? path
                : rules.Depth is null ? $"{path}:{nameof(rules.Depth)}"
                : rules.Growth is null ? $"{path}:{nameof(rules.Growth)}"
                : rules.Age is null ? $"{path}:{nameof(rules.Age)}"
                : rules.Loss is null ? $"{path}:{nameof(rules.Loss)}"
                : rules.Paused is null ? $"{path}:{nameof(rules.Paused)}"
                : rules.Errors is null ? $"{path}:{nameof(rules.Errors)}"
                : rules.Keys is null ? $"{path}:{nameof(rules.Keys)}"
                : null;
            That(missing is null, missing ?? path, "null", "leave it out for the default");
            return missing is null;
        }

        public void Rules(string path, QueueAlertRules rules)
        {
            Rule($"{path}:{nameof(rules.Depth)}", rules.Depth, 0, isMoreWorse: true);
            Rule($"{path}:{nameof(rules.Growth)}", rules.Growth, 0, isMoreWorse: true);
            Rule($"{path}:{nameof(rules.Age)}", rules.Age, TimeSpan.Zero, isMoreWorse: true);
            Rule($"{path}:{nameof(rules.Loss)}", rules.Loss, TimeSpan.Zero, isMoreWorse: false);
            Rule($"{path}:{nameof(rules.Paused)}", rules.Paused, TimeSpan.Zero, isMoreWorse: true);
            Rule($"{path}:{nameof(rules.Errors)}", rules.Errors, 0, isMoreWorse: true);
            Rule($"{path}:{nameof(rules.Keys)}", rules.Keys, 0, isMoreWorse: true);
        }

        void Rule<T>(string path, QueueAlertRule<T> rule, T zero, bool isMoreWorse) where T : struct, IComparable<T>
        {
            That(rule.Raise is not { } raise || raise.CompareTo(zero) > 0, $"{path}:{nameof(rule.Raise)}", rule.Raise, "must be above 0; to turn the rule off set IsEnabled to false");
            That(IsFinite(rule.Raise), $"{path}:{nameof(rule.Raise)}", rule.Raise, "must be a finite number; to turn the rule off set IsEnabled to false");
            That(IsFinite(rule.Clear), $"{path}:{nameof(rule.Clear)}", rule.Clear, "must be a finite number");
            That(
                rule is not { Raise: { } from, Clear: { } to } || (isMoreWorse ? to.CompareTo(from) <= 0 : to.CompareTo(from) >= 0),
                $"{path}:{nameof(rule.Clear)}",
                rule.Clear,
                $"must be {(isMoreWorse ? "at most" : "at least")} {nameof(rule.Raise)} ({Text(rule.Raise)})");
            Range($"{path}:{nameof(rule.For)}", rule.For ?? TimeSpan.Zero, TimeSpan.Zero, Day);
            Range($"{path}:{nameof(rule.ClearFor)}", rule.ClearFor ?? TimeSpan.Zero, TimeSpan.Zero, Day);
            That(rule.Severity is not { } severity || Enum.IsDefined(severity), $"{path}:{nameof(rule.Severity)}", rule.Severity, "use Warning or Critical");
        }

        public void Address(string option, string? value, string form, params string[] schemes) => That(
            value is null || (Uri.TryCreate(value, UriKind.Absolute, out var address) && schemes.Contains(address.Scheme) && address.Host.Length > 0),
            option,
            "not an address",
            $"give one such as {form}");

        public void Range<T>(string option, T value, T min, T max) where T : IComparable<T> => That(
            value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0, option, value, $"must be from {Text(min)} to {Text(max)}");

        public void That(bool holds, string option, object? value, string demand)
        {
            if (!holds)
                _failures.Add($"{QueueDepthSection.Name}: {option} is {Text(value)}: {demand}.");
        }

        static bool IsFinite<T>(T? threshold) where T : struct => threshold switch
        {
            double number => double.IsFinite(number),
            TimeSpan length => length <= LongestThreshold,
            _ => true,
        };

        static string Text(object? value) => string.Create(CultureInfo.InvariantCulture, $"{value}");
    }
}
