//! Operations on products: the product byte, and what an edit leaves as it is.

use domain::licensing::products::{AddProduct, AddProductOutcome, EditProduct};
use store::{Error, Operation, Product, Tx};

use crate::kit::{Shop, products, staff};

/// A product with a number of the provider that the shop doesn't have.
fn numbered(n: u32) -> Product {
    Product { provider_id: (9_000 + n).to_string(), ..products::product(products::EDITOR) }
}

async fn add(shop: &Shop, product: &Product) -> AddProductOutcome {
    shop.execute(AddProduct { product, actor: &staff(), settings: &shop.settings }).await
}

/// Adds rows of products with these product bytes, past the operation.
struct AddRows(Vec<u8>);

impl Operation for AddRows {
    const NAME: &'static str = "add rows of products, for tests";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        for id in &self.0 {
            tx.add_product(&Product { id: *id, ..numbered(1_000 + u32::from(*id)) }).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_product_gets_the_lowest_free_product_byte() {
    let shop = Shop::empty().await;
    shop.execute(AddRows(vec![2, 4, 5])).await;
    for (n, id) in [(0, 1), (1, 3), (2, 6), (3, 7)] {
        assert_eq!(add(&shop, &numbered(n)).await, AddProductOutcome::Added { id, served: 0 });
    }
    assert_eq!(shop.staff_changes().await, ["product added"; 4]);
}

#[tokio::test]
async fn the_last_product_byte_is_255_and_then_none_is_free() {
    let shop = Shop::empty().await;
    shop.execute(AddRows((1..255).collect())).await;
    assert_eq!(add(&shop, &numbered(0)).await, AddProductOutcome::Added { id: 255, served: 0 });
    assert_eq!(add(&shop, &numbered(1)).await, AddProductOutcome::NoFreeProductByte);
    assert_eq!((shop.rows("product").await, shop.staff_changes().await.len()), (255, 1));
}

#[tokio::test]
async fn a_number_of_the_provider_stands_for_one_product() {
    let shop = Shop::open().await;
    let again = Product { name: "Another name".into(), ..products::product(products::EDITOR) };
    assert_eq!(add(&shop, &again).await, AddProductOutcome::AlreadyExists);
    assert_eq!(shop.rows("product").await, products::all().len() as i64);
    assert_eq!(shop.staff_changes().await, [""; 0], "a refused change is no change");
}

#[tokio::test]
async fn an_edited_product_changes_later_licences_and_no_issued_one() {
    let shop = Shop::open().await;
    let before = shop.purchase("1", products::EDITOR, "ada@example.org");
    let key = shop.keys(&before).await;
    let licence = shop.licence(&key[0]).await;
    let mut tx = shop.db().read().await.unwrap();
    let product = tx.product_of_provider(products::EDITOR).await.unwrap().unwrap();
    drop(tx);
    let edited = Product { edition: 2, seats: 5, updates_months: 24, ..product };
    shop.execute(EditProduct { product: &edited, actor: &staff() }).await;
    assert_eq!(shop.staff_changes().await, ["product edited"]);

    assert_eq!(shop.keys(&before).await, key);
    assert!(shop.licence(&key[0]).await == licence);
    let later = shop.keys(&shop.purchase("2", products::EDITOR, "ada@example.org")).await;
    let claims = shop.claims(&later[0]).await;
    assert_eq!((claims.edition, claims.seats), (2, 5));
    assert_eq!(shop.until(&later[0]).await, shop.today().plus_months(24));
}
