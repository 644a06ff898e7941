using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;

namespace RpcGen.EndToEnd.Tests.Recipes;

#region contract
[AmqpRpc]
public partial interface IOrders
{
    IAsyncEnumerable<Order> ListAsync(string customer, CancellationToken cancellationToken = default);
}
#endregion

public sealed record Order(int Number, string Customer, string Text);

public sealed class OrdersContext(DbContextOptions<OrdersContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>().HasKey(order => order.Number);
}

#region service
public sealed class OrdersService(OrdersContext database) : IOrders
{
    public IAsyncEnumerable<Order> ListAsync(string customer, CancellationToken cancellationToken) =>
        database.Orders.AsNoTracking().Where(order => order.Customer == customer).AsAsyncEnumerable();
}
#endregion

internal static class OrdersClient
{
    public static async Task PrintAsync(IOrders orders, TextWriter output, CancellationToken cancellationToken)
    {
        #region read
        await foreach (Order order in orders.ListAsync("Ada", cancellationToken))
        {
            output.WriteLine(order.Number);
        }
        #endregion
    }

    public static void Map(WebApplication app)
    {
        #region web
        app.MapGet("/orders/{customer}", (string customer, IOrders orders) => orders.ListAsync(customer));
        #endregion
    }
}
