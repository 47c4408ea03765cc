using System.Linq.Expressions;
using System.Reflection;
using Messaging.Breaker.Breakers.Keys;

namespace Messaging.Breaker.Configuration;

/// <summary>The property of a message that <see cref="GuardedByAttribute.PartitionBy"/> names.</summary>
static class KeyProperty
{
    static readonly MethodInfo AddSelector = typeof(KeyProperty).GetMethod(nameof(Add), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Splits a breaker by the property.</summary>
    /// <param name="consumer">The consumer with the attribute.</param>
    /// <param name="messageType">One of its message types; null if it is a saga.</param>
    /// <param name="property">The property's name.</param>
    /// <param name="partition">Splits the breaker.</param>
    /// <returns>Why that is not possible; null if it was done.</returns>
    public static string? Problem(Type consumer, Type? messageType, string property, Action<Action<KeySelectors>> partition)
    {
        if (messageType is null)
            return $"has {consumer.Name}, whose [GuardedBy] sets PartitionBy: the message types of a saga are not known early enough; call PartitionBy<TMessage> on the breaker's options instead";
        var found = messageType.GetInterfaces().Prepend(messageType).Select(type => type.GetProperty(property)).FirstOrDefault(candidate => candidate is { CanRead: true });
        if (found is null)
            return $"has the consumer {consumer.Name}, whose [GuardedBy] is partitioned by '{property}', which is not a readable property of {messageType.Name}; "
                + $"name one with nameof({messageType.Name}.…)";
        partition(selectors => AddSelector.MakeGenericMethod(messageType).Invoke(null, [selectors, found]));
        return null;
    }

    static void Add<TMessage>(KeySelectors selectors, PropertyInfo property) where TMessage : class
    {
        var message = Expression.Parameter(typeof(TMessage));
        Expression value = Expression.Property(Expression.Convert(message, property.DeclaringType!), property);
        if (property.PropertyType != typeof(string))
            value = Expression.Call(typeof(KeyProperty).GetMethod(nameof(TextOf), BindingFlags.NonPublic | BindingFlags.Static)!, Expression.Convert(value, typeof(object)));
        selectors.Add(property.Name, Expression.Lambda<Func<TMessage, string?>>(value, message).Compile());
    }

    static string? TextOf(object? value) => value is IFormattable number ? number.ToString(null, System.Globalization.CultureInfo.InvariantCulture) : value?.ToString();
}
