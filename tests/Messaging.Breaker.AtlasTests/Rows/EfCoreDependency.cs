using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.AtlasTests.Rows;

/// <summary>A database that Entity Framework Core writes to.</summary>
sealed class EfCoreDependency(PostgresDatabase database) : PostgresDependency(database)
{
    public override void AddTo(IServiceCollection services) => services.AddDbContext<ShopContext>((provider, options) =>
    {
        options.UseNpgsql(Source);
        if (IsAttributed)
            options.AddBreaker(provider, Name);
    });

    public override async Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var shop = scope.ServiceProvider.GetRequiredService<ShopContext>();
        shop.Database.SetCommandTimeout(TimeoutOf(number));
        if (FailingStatementOf(number) is { } statement)
            await shop.Database.ExecuteSqlRawAsync(statement, cancellationToken);
        if (await shop.Orders.AnyAsync(order => order.Id == number, cancellationToken))
            return;
        shop.Orders.Add(new Order { Id = number });
        await shop.SaveChangesAsync(cancellationToken);
    }

    sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
    {
        public DbSet<Order> Orders => Set<Order>();

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>(order =>
        {
            order.ToTable("orders");
            order.Property(entity => entity.Id).HasColumnName("id").ValueGeneratedNever();
        });
    }

    sealed class Order
    {
        public int Id { get; init; }
    }
}
