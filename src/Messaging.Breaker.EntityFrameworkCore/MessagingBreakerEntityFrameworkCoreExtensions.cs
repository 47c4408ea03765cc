using Messaging.Breaker.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Breaker;

/// <summary>Attributes the database calls of Entity Framework Core to breakers.</summary>
public static class MessagingBreakerEntityFrameworkCoreExtensions
{
    /// <summary>
    /// Attributes the database calls of a context to a breaker. While the breaker refuses calls, they are not made and end in
    /// <see cref="BreakerOpenException"/>. Within SaveChanges, it may be inside a <see cref="DbUpdateException"/>.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A call is a command, up to the end of its rows, the opening of a connection, or the commit of a transaction. A connection that opens
    /// is neither success nor failure, because it may come from a pool.
    /// </para>
    /// <para>
    /// These are failures: an exception that the provider calls transient or that has no SQLSTATE, such as a timeout or a lost connection;
    /// a SQLSTATE of the classes 08, 40, 53, 54, 55, 57, 58 and XX; and a connection that breaks while rows are read. The classes 25 and 28
    /// are neither success nor failure: they hit every caller when a replica takes over or credentials expire. Any other error, such as a
    /// violated constraint, shows that the server has answered, which is a success. If the breaker's options have a rule for an exception,
    /// that rule decides.
    /// </para>
    /// <para>With <c>EnableRetryOnFailure</c>, every single attempt is a call.</para>
    /// </remarks>
    /// <param name="context">The options of the context.</param>
    /// <param name="provider">The container with the breakers, as <c>AddDbContext</c> passes it to its action.</param>
    /// <param name="breaker">The breaker's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such breaker; the message lists the known names.</exception>
    public static DbContextOptionsBuilder AddBreaker(this DbContextOptionsBuilder context, IServiceProvider provider, string breaker)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentException.ThrowIfNullOrEmpty(breaker);
        return context.AddInterceptors(BreakerInterceptor.Of(provider.GetBreakers($"AddBreaker(provider, \"{breaker}\")").Get(breaker)));
    }

    /// <inheritdoc cref="AddBreaker(DbContextOptionsBuilder, IServiceProvider, string)"/>
    /// <typeparam name="TContext">The type of the context.</typeparam>
    public static DbContextOptionsBuilder<TContext> AddBreaker<TContext>(
        this DbContextOptionsBuilder<TContext> context, IServiceProvider provider, string breaker)
        where TContext : DbContext
    {
        AddBreaker((DbContextOptionsBuilder)context, provider, breaker);
        return context;
    }
}
