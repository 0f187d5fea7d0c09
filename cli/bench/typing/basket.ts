// A basket: what a visitor of the shop wants to buy.

export interface Product {
  id: string;
  title: string;
  price: number;
}

interface Entry {
  product: Product;
  count: number;
}

export class Basket {
  private entries = new Map<string, Entry>();

  constructor(private readonly currency: string) {}

  isEmpty(): boolean {
    return this.entries.size === 0;
  }
}

export function format(amount: number, currency: string): string {
  return `${amount.toFixed(2)} ${currency}`;
}
