using Microsoft.Extensions.Hosting;
using OutageDrill.Workers;

namespace OutageDrill.Variants;

/// <summary>A worker that takes <see cref="Charge"/> from a queue, and what it does when the dependency is down.</summary>
interface IVariant
{
    string Id { get; }

    string Title { get; }

    /// <summary>How many processes share the queue and the prefetch.</summary>
    int Instances => 1;

    /// <summary>Whether it is ours, and so must not dead-letter, lose or duplicate any message.</summary>
    bool IsOurs => false;

    /// <summary>
    /// Whether it takes part in the ranking. Each way to meet an outage has one row; otherwise two of ours would change places at random.
    /// </summary>
    bool IsRanked => true;

    /// <summary>Where its framework puts messages that have failed.</summary>
    IReadOnlyList<string> DeadLetterQueues(string queue);

    /// <summary>The queues, named after the main queue, through which its instances agree. They are deleted with it.</summary>
    IReadOnlyList<string> FleetQueues(string queue) => [];

    void Configure(HostApplicationBuilder builder, VariantSettings settings);
}
