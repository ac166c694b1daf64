import { element } from '../page-elements';
import { type Device, devicesOf, type Height, SIZES, type Wish } from './capture';

/** The choices of the streamer: source, devices and size. */
export class SettingsForm {
  private readonly source = element('source', HTMLSelectElement);
  private readonly size = element('size', HTMLSelectElement);
  private readonly camera = element('camera', HTMLSelectElement);
  private readonly microphone = element('microphone', HTMLSelectElement);

  constructor(onChange: () => void) {
    for (const field of this.fields) field.addEventListener('change', onChange);
    this.source.addEventListener('change', () => this.showDevices());
  }

  get wish(): Wish {
    const height = heightOf(this.size.value);
    const source = this.source.value === 'screen' ? 'screen' : 'camera';
    return { source, height, camera: this.camera.value, microphone: this.microphone.value };
  }

  disable(disabled: boolean): void {
    for (const field of this.fields) field.disabled = disabled;
  }

  /** Lists the devices there are now; what was chosen stays chosen, if it is still there. */
  async list(): Promise<void> {
    fill(this.camera, await devicesOf('videoinput'), 'Any camera');
    fill(this.microphone, await devicesOf('audioinput'), 'Any microphone');
    this.showDevices();
  }

  private showDevices(): void {
    for (const field of [this.camera, this.microphone]) {
      const label = field.closest('label');
      if (label !== null) label.hidden = this.source.value === 'screen' || field.options.length < 2;
    }
  }

  private get fields(): HTMLSelectElement[] {
    return [this.source, this.size, this.camera, this.microphone];
  }
}

const isHeight = (height: number): height is Height => height in SIZES;
const heightOf = (value: string): Height => {
  const height = Number(value);
  return isHeight(height) ? height : 720;
};

function fill(field: HTMLSelectElement, devices: readonly Device[], any: string): void {
  const chosen = field.value;
  const options = [{ id: '', name: any }, ...devices].map(({ id, name }) => new Option(name, id, false, id === chosen));
  field.replaceChildren(...options);
}
