namespace Messaging.Breaker;

/// <summary>
/// Guards the messages of a consumer with a breaker. An open breaker pauses the whole receive endpoint of the consumer, including the
/// messages of other consumers on it. So give consumers with different dependencies separate endpoints. On a saga or its state machine, it
/// guards every message of the endpoint. Can be repeated.
/// </summary>
/// <param name="breaker">The breaker's name.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GuardedByAttribute(string breaker) : Attribute
{
    /// <summary>The breaker's name.</summary>
    public string Breaker => breaker;

    /// <summary>
    /// The property of the consumer's messages by which the breaker is split, as in <c>nameof(DeliverWebhook.CustomerId)</c>; see
    /// <see cref="BreakerOptions.PartitionBy{TMessage}"/>. Not on a saga. Default null: the breaker is not split.
    /// </summary>
    public string? PartitionBy { get; set; }
}
